{{/* The proxy's image: its own, or else the hub's. */}}
{{- define "uraniborg.proxy.image" -}}
{{- $image := .Values.proxy.image -}}
{{- if not (or $image.name $image.tag $image.digest) -}}
{{- $image = .Values.hub.image -}}
{{- else if not $image.name -}}
{{- $image = merge (dict "name" .Values.hub.image.name) $image -}}
{{- end -}}
{{- include "uraniborg.image" (dict "root" . "image" $image) -}}
{{- end -}}

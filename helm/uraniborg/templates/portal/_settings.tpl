{{/* The portal's uraniborg.toml: plain settings first, then its tables. */}}
{{- define "uraniborg.portal.toml" -}}
{{- $plain := dict "data_mirror" .Values.dataMirror -}}
{{- $tables := dict -}}
{{- range $key, $value := .Values.portal.config -}}
{{- if kindIs "map" $value }}{{ $_ := set $tables $key $value }}{{ else }}{{ $_ := set $plain $key $value }}{{ end -}}
{{- end -}}
{{- include "uraniborg.tomlLines" $plain | trim }}
{{- range $key, $value := $tables }}

[{{ $key }}]
{{ include "uraniborg.tomlLines" $value | trim }}
{{- end }}
{{- end -}}

{{/* Whether several portals may write its volumes at a time. */}}
{{- define "uraniborg.portal.sharedState" -}}
{{- if and (has "ReadWriteMany" .Values.portal.storage.accessModes) (has "ReadWriteMany" .Values.portal.catalogs.accessModes) }}true{{ end -}}
{{- end -}}

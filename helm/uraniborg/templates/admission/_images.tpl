{{/* Where images of the labs' namespace may come from, as a list in CEL: repositories, and prefixes that end in a slash. */}}
{{- define "uraniborg.admission.images" -}}
{{- $allowed := list (include "uraniborg.repository" (dict "root" . "image" .Values.singleuser.image)) -}}
{{- range .Values.singleuser.profileList -}}
{{- if .image }}{{ $allowed = append $allowed (include "uraniborg.repository" (dict "root" $ "image" .image)) }}{{ end -}}
{{- end -}}
{{- toJson (concat $allowed .Values.admission.images | uniq) -}}
{{- end -}}

{{/* The same of the pods that run the portal's jobs. */}}
{{- define "uraniborg.admission.jobImages" -}}
{{- toJson (list (include "uraniborg.repository" (dict "root" . "image" .Values.portal.image))) -}}
{{- end -}}

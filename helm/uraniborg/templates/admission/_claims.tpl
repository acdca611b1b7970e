{{/* The claim of which the workers of the portal's jobs read; empty where they read none. */}}
{{- define "uraniborg.admission.catalogsClaim" -}}
{{- if include "uraniborg.portal.daskScans" . }}{{ .Values.portal.scans.catalogsClaim }}{{ end -}}
{{- end -}}

{{/* Whether a pod of the portal's jobs has no claim but that one, read-only, in CEL: an ephemeral volume is a claim too. */}}
{{- define "uraniborg.admission.jobClaims" -}}
variables.volumes.all(v, !has(v.ephemeral) && (!has(v.persistentVolumeClaim)
{{- with include "uraniborg.admission.catalogsClaim" . }} || {{ include "uraniborg.admission.readsClaim" . }}{{ end }}))
{{- end -}}

{{/* Whether any other pod leaves it alone, or only reads it where the values give it to labs too, in CEL. */}}
{{- define "uraniborg.admission.otherClaims" -}}
{{- $claim := include "uraniborg.admission.catalogsClaim" . -}}
variables.volumes.all(v, !has(v.persistentVolumeClaim) || v.persistentVolumeClaim.claimName != {{ squote $claim }}
{{- if eq $claim .Values.singleuser.catalogs.existingClaim }} || {{ include "uraniborg.admission.readsClaim" $claim }}{{ end }})
{{- end -}}

{{- define "uraniborg.admission.readsClaim" -}}
(v.persistentVolumeClaim.claimName == {{ squote . }} && has(v.persistentVolumeClaim.readOnly) && v.persistentVolumeClaim.readOnly)
{{- end -}}

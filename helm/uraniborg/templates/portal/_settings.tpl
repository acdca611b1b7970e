{{/* The portal's uraniborg.toml: plain settings first, then its tables. */}}
{{- define "uraniborg.portal.toml" -}}
{{- $plain := dict "data_mirror" .Values.dataMirror "pools_url" (include "uraniborg.portal.poolsUrl" .) -}}
{{- $tables := dict -}}
{{- range $key, $value := mustMergeOverwrite (dict "jobs" (include "uraniborg.portal.jobs" . | fromYaml)) (deepCopy .Values.portal.config) -}}
{{- if kindIs "map" $value }}{{ $_ := set $tables $key $value }}{{ else }}{{ $_ := set $plain $key $value }}{{ end -}}
{{- end -}}
{{- include "uraniborg.tomlLines" $plain | trim }}
{{- range $key, $value := $tables }}

[{{ $key }}]
{{ include "uraniborg.tomlLines" $value | trim }}
{{- end }}
{{- end -}}

{{/* How jobs run; portal.config.jobs wins. */}}
{{- define "uraniborg.portal.jobs" -}}
compute: {{ .Values.portal.jobs.compute }}
{{- if include "uraniborg.portal.dask" . }}
{{- with .Values.portal.jobs.workers }}
# As many at once as the largest cluster has room for.
workers: {{ mul (int .maximum) (int .threads) }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Whether jobs run on workers of their own. */}}
{{- define "uraniborg.portal.dask" -}}
{{- if eq .Values.portal.jobs.compute "dask" }}true{{ end -}}
{{- end -}}

{{- define "uraniborg.portal.poolsUrl" -}}
{{- if include "uraniborg.portal.dask" . -}}
{{ include "uraniborg.serviceUrl" (dict "root" . "component" "pools" "port" 8000) }}/services/pools/
{{- end -}}
{{- end -}}

{{/* Whether several portals may write its volumes at a time. */}}
{{- define "uraniborg.portal.sharedState" -}}
{{- if and (has "ReadWriteMany" .Values.portal.storage.accessModes) (has "ReadWriteMany" .Values.portal.catalogs.accessModes) }}true{{ end -}}
{{- end -}}

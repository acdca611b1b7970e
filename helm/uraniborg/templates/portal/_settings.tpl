{{/* The portal's uraniborg.toml: plain settings first, then its tables. */}}
{{- define "uraniborg.portal.toml" -}}
{{- $plain := dict "data_mirror" .Values.dataMirror "pools_url" (include "uraniborg.portal.poolsUrl" .) -}}
{{- $tables := dict -}}
{{- $own := dict "jobs" (include "uraniborg.portal.jobs" . | fromYaml) "queries" (include "uraniborg.portal.queries" . | fromYaml) -}}
{{- range $key, $value := mustMergeOverwrite $own (deepCopy .Values.portal.config) -}}
{{- if kindIs "map" $value }}{{ $_ := set $tables $key $value }}{{ else }}{{ $_ := set $plain $key $value }}{{ end -}}
{{- end -}}
{{- include "uraniborg.tomlLines" $plain | trim }}
{{- range $key, $value := $tables }}

[{{ $key }}]
{{ include "uraniborg.tomlLines" $value | trim }}
{{- end }}
{{- end -}}

{{/* Whether several portals may write results and products at a time. */}}
{{- define "uraniborg.portal.sharedFiles" -}}
{{- if or .Values.portal.files.url (has "ReadWriteMany" .Values.portal.storage.accessModes) }}true{{ end -}}
{{- end -}}

{{/* Whether several portals may run at a time, those of an upgrade too. */}}
{{- define "uraniborg.portal.sharedState" -}}
{{- if and (include "uraniborg.portal.sharedFiles" .) (has "ReadWriteMany" .Values.portal.catalogs.accessModes) }}true{{ end -}}
{{- end -}}

{{/* Seconds for which a pod that is told to end still answers: until everybody knows that it is leaving. */}}
{{- define "uraniborg.portal.leaving" -}}5{{- end -}}

{{/* Seconds for which answers that were begun may go on after that. */}}
{{- define "uraniborg.portal.stopping" -}}20{{- end -}}

{{/* Where its files are, and where its jobs write first. */}}
{{- define "uraniborg.portal.filesEnv" -}}
- name: URANIBORG_STAGING
  value: /staging
- name: URANIBORG_STOP_SECONDS
  value: {{ include "uraniborg.portal.stopping" . | quote }}
{{- if .Values.portal.files.url }}
- name: URANIBORG_FILES
  value: {{ .Values.portal.files.url | quote }}
- name: URANIBORG_FILES_OPTIONS
  value: {{ .Values.portal.files.options | toJson | quote }}
{{- end }}
{{- end -}}

{{/* How jobs run; portal.config.jobs wins. */}}
{{- define "uraniborg.portal.jobs" -}}
compute: {{ .Values.portal.jobs.compute }}
{{- if include "uraniborg.portal.dask" . }}
workers: {{ include "uraniborg.portal.daskThreads" . }}
{{- end }}
{{- end -}}

{{/* How queries run; portal.config.queries wins. */}}
{{- define "uraniborg.portal.queries" -}}
scans: {{ .Values.portal.scans.compute }}
{{- if include "uraniborg.portal.daskScans" . }}
scan_processes: {{ include "uraniborg.portal.daskThreads" . }}
{{- end }}
{{- end -}}

{{/* As many jobs, and as many steps, at once as the largest cluster has room for. */}}
{{- define "uraniborg.portal.daskThreads" -}}
{{- with .Values.portal.jobs.workers }}{{ mul (int .maximum) (int .threads) }}{{ end -}}
{{- end -}}

{{/* Whether jobs run on workers of their own. */}}
{{- define "uraniborg.portal.dask" -}}
{{- if eq .Values.portal.jobs.compute "dask" }}true{{ end -}}
{{- end -}}

{{/* Whether steps of long queries run on those workers too. */}}
{{- define "uraniborg.portal.daskScans" -}}
{{- if eq .Values.portal.scans.compute "dask" }}true{{ end -}}
{{- end -}}

{{/* The folder of the catalogs; those workers see them there as well. */}}
{{- define "uraniborg.portal.catalogsFolder" -}}/var/lib/uraniborg/portal/catalogs{{- end -}}

{{- define "uraniborg.portal.poolsUrl" -}}
{{- if include "uraniborg.portal.dask" . -}}
{{ include "uraniborg.serviceUrl" (dict "root" . "component" "pools" "port" 8000) }}/services/pools/
{{- end -}}
{{- end -}}

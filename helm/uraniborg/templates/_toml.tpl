{{/* A value in TOML. Helm reads every number as a float: whole ones are written as integers. */}}
{{- define "uraniborg.toml" -}}
{{- if kindIs "map" . -}}
{ {{- $first := true -}}
{{- range $key, $value := . -}}
{{- if not (kindIs "invalid" $value) -}}
{{- if not $first }},{{ end }} {{ $key | toJson }} = {{ include "uraniborg.toml" $value -}}
{{- $first = false -}}
{{- end -}}
{{- end }} }
{{- else if kindIs "slice" . -}}
[ {{- range $index, $value := . }}{{ if $index }}, {{ end }}{{ include "uraniborg.toml" $value }}{{ end -}} ]
{{- else if kindIs "float64" . -}}
{{- if eq . (floor .) }}{{ int64 . }}{{ else }}{{ . }}{{ end -}}
{{- else if kindIs "string" . -}}
{{- . | toJson -}}
{{- else -}}
{{- . -}}
{{- end -}}
{{- end -}}

{{/* Lines `key = value` of a table; what is empty text or null is left out. */}}
{{- define "uraniborg.tomlLines" -}}
{{- range $key, $value := . }}
{{- if not (or (kindIs "invalid" $value) (and (kindIs "string" $value) (eq $value ""))) }}
{{ $key | toJson }} = {{ include "uraniborg.toml" $value }}
{{- end }}
{{- end }}
{{- end -}}

{{/* An init container that waits for PostgreSQL of this chart, and its volume:
(dict "root" $ "database" .Values.database.hub "image" .Values.hub.image). */}}
{{- define "uraniborg.postgresql.waits" -}}
{{- if and .root.Values.postgresql.enabled (not (include "uraniborg.externalDatabase" .)) }}true{{ end -}}
{{- end -}}

{{- define "uraniborg.postgresql.wait" -}}
{{- if include "uraniborg.postgresql.waits" . }}
- name: database
  image: {{ include "uraniborg.image" . }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  args: [python, -B, /start/await_database.py, {{ include "uraniborg.fullname" .root }}-postgresql, "5432"]
  securityContext:
    {{- include "uraniborg.containerSecurity" .root | nindent 4 }}
  resources:
    {{- toYaml .root.Values.hooks.resources | nindent 4 }}
  volumeMounts:
    - {name: start, mountPath: /start, readOnly: true}
{{- end }}
{{- end -}}

{{- define "uraniborg.postgresql.waitVolume" -}}
{{- if include "uraniborg.postgresql.waits" . }}
- name: start
  configMap:
    name: {{ include "uraniborg.fullname" .root }}-start
{{- end }}
{{- end -}}

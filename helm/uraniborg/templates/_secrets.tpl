{{/* The Secret that the hook makes, and a component's variables that come from it or from an existing one. */}}
{{- define "uraniborg.secretsName" -}}
{{- printf "%s-secrets" (include "uraniborg.fullname" .) -}}
{{- end -}}

{{/* A variable out of a Secret: (dict "root" $ "variable" "JPY_COOKIE_SECRET" "secret" .Values.secrets.cookieSecret). */}}
{{- define "uraniborg.secretEnv" -}}
- name: {{ .variable }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret.existingSecret | default (include "uraniborg.secretsName" .root) }}
      key: {{ .secret.key }}
{{- end -}}

{{/* The database's URL: (dict "root" $ "variable" "URANIBORG_DATABASE" "database" .Values.database.portal "name" "portal").
One that the operator names comes first, then PostgreSQL of this chart, otherwise none: SQLite on the component's volume. */}}
{{- define "uraniborg.databaseEnv" -}}
{{- if .database.existingSecret }}
{{ include "uraniborg.secretEnv" (dict "root" .root "variable" .variable "secret" .database) }}
{{- else if .database.url }}
{{ include "uraniborg.secretEnv" (dict "root" .root "variable" .variable "secret" (dict "existingSecret" (printf "%s-database" (include "uraniborg.fullname" .root)) "key" .database.key)) }}
{{- else if .root.Values.postgresql.enabled }}
{{ include "uraniborg.secretEnv" (dict "root" .root "variable" "POSTGRES_PASSWORD" "secret" .root.Values.secrets.postgresqlPassword) }}
- name: {{ .variable }}
  value: postgresql+psycopg://uraniborg:$(POSTGRES_PASSWORD)@{{ include "uraniborg.fullname" .root }}-postgresql:5432/{{ .name }}
{{- end }}
{{- end -}}

{{/* Whether a database of the operator's own is named: (dict "root" $ "database" .Values.database.hub). */}}
{{- define "uraniborg.externalDatabase" -}}
{{- if or .database.url .database.existingSecret }}true{{ end -}}
{{- end -}}

{{- define "uraniborg.usesSqlite" -}}
{{- if not (or .root.Values.postgresql.enabled (include "uraniborg.externalDatabase" .)) }}true{{ end -}}
{{- end -}}

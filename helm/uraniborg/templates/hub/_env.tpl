{{/* The hub's environment: its neighbours, and the secrets they share. */}}
{{- define "uraniborg.hub.env" -}}
{{- $secrets := .Values.secrets -}}
{{- include "uraniborg.homeEnv" . }}
- name: URANIBORG_CONFIG
  value: /etc/uraniborg/config/uraniborg.toml
- name: URANIBORG_HUB_PORT
  value: "8081"
- name: URANIBORG_PROXY_API_URL
  value: http://{{ include "uraniborg.fullname" . }}-proxy-api:8001
- name: URANIBORG_PORTAL_SERVICE_URL
  value: http://{{ include "uraniborg.fullname" . }}-portal:8000/services/portal/
- name: URANIBORG_POOLS_SERVICE_URL
  value: http://{{ include "uraniborg.fullname" . }}-pools:8000/services/pools/
{{ include "uraniborg.secretEnv" (dict "root" . "variable" "CONFIGPROXY_AUTH_TOKEN" "secret" $secrets.proxyToken) }}
{{ include "uraniborg.secretEnv" (dict "root" . "variable" "JPY_COOKIE_SECRET" "secret" $secrets.cookieSecret) }}
{{ include "uraniborg.secretEnv" (dict "root" . "variable" "JUPYTERHUB_CRYPT_KEY" "secret" $secrets.cryptKey) }}
{{ include "uraniborg.secretEnv" (dict "root" . "variable" "URANIBORG_PORTAL_API_TOKEN" "secret" $secrets.portalToken) }}
{{ include "uraniborg.secretEnv" (dict "root" . "variable" "URANIBORG_POOLS_API_TOKEN" "secret" $secrets.poolsToken) }}
{{- if .Values.cull.enabled }}
{{ include "uraniborg.secretEnv" (dict "root" . "variable" "URANIBORG_CULL_API_TOKEN" "secret" $secrets.cullToken) }}
{{- end }}
{{- if .Values.monitoring.serviceMonitor.enabled }}
{{ include "uraniborg.secretEnv" (dict "root" . "variable" "URANIBORG_METRICS_API_TOKEN" "secret" $secrets.metricsToken) }}
{{- end }}
{{- include "uraniborg.databaseEnv" (dict "root" . "variable" "URANIBORG_HUB__DATABASE" "database" .Values.database.hub "name" "hub") }}
{{- include "uraniborg.extraEnv" .Values.hub.extraEnv }}
{{- end -}}

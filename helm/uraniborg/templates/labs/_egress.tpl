{{/* What users' code reaches besides DNS: rules of labs, and through the broker of their workers. */}}
{{- define "uraniborg.labs.egress" -}}
{{- $user := .Values.singleuser.networkPolicy -}}
- to:
    {{- include "uraniborg.corePeer" (dict "root" . "components" (list "hub")) | nindent 4 }}
  ports:
    - {port: 8081, protocol: TCP}
- to:
    {{- include "uraniborg.corePeer" (dict "root" . "components" (list "proxy" "portal" "pools")) | nindent 4 }}
  ports:
    - {port: 8000, protocol: TCP}
{{- if $user.internet }}
- to:
    {{- include "uraniborg.internet" . | nindent 4 }}
  {{- with $user.ports }}
  ports:
    {{- range . }}
    - {port: {{ int . }}, protocol: TCP}
    {{- end }}
  {{- end }}
{{- end }}
{{- with $user.egress }}
{{- toYaml . | nindent 0 }}
{{- end }}
{{- end -}}

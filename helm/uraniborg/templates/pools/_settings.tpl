{{/* The broker's uraniborg.toml. */}}
{{- define "uraniborg.pools.toml" -}}
[pools]
{{ include "uraniborg.tomlLines" .Values.pools.config | trim }}

[pools.kubernetes]
{{ include "uraniborg.tomlLines" (fromYaml (include "uraniborg.pools.kubernetes" .)) | trim }}
{{- end -}}

{{/* The table [pools.kubernetes]: how pools become DaskClusters. */}}
{{- define "uraniborg.pools.kubernetes" -}}
namespace: {{ include "uraniborg.labsNamespace" . }}
service_account: {{ include "uraniborg.fullname" . }}-worker
labels:
  {{- include "uraniborg.instanceLabels" . | nindent 2 }}
lab_labels:
  {{- include "uraniborg.selector" (dict "root" . "component" "lab") | nindent 2 }}
broker_namespace: {{ .Release.Namespace }}
broker_labels:
  {{- include "uraniborg.selector" (dict "root" . "component" "pools") | nindent 2 }}
network_policies: {{ .Values.networkPolicy.enabled }}
egress:
  {{- include "uraniborg.labs.egress" . | nindent 2 }}
  {{- include "uraniborg.dnsEgress" . | nindent 2 }}
pull_policy: {{ .Values.image.pullPolicy }}
pull_secrets: {{ include "uraniborg.pullSecretNames" . }}
node_selector: {{ toJson .Values.scheduling.userPods.nodeSelector }}
tolerations: {{ toJson .Values.scheduling.userPods.tolerations }}
priority_class: {{ .Values.singleuser.priorityClassName | quote }}
{{- with .Values.pools.kubernetes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

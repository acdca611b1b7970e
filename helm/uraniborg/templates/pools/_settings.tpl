{{/* The broker's uraniborg.toml. */}}
{{- define "uraniborg.pools.toml" -}}
[pools]
{{ include "uraniborg.tomlLines" .Values.pools.config | trim }}

[pools.kubernetes]
{{ include "uraniborg.tomlLines" (fromYaml (include "uraniborg.pools.kubernetes" .)) | trim }}
{{- if include "uraniborg.portal.dask" . }}

[pools.compute]
{{ include "uraniborg.tomlLines" (fromYaml (include "uraniborg.pools.compute" .)) | trim }}
{{- end }}
{{- end -}}

{{/* The table [pools.compute]: the pool that stands for the portal's jobs. */}}
{{- define "uraniborg.pools.compute" -}}
{{- $workers := .Values.portal.jobs.workers -}}
image: {{ include "uraniborg.image" (dict "root" . "image" .Values.portal.image) }}
client_namespace: {{ .Release.Namespace }}
client_labels:
  {{- include "uraniborg.selector" (dict "root" . "component" "portal") | nindent 2 }}
minimum: {{ int $workers.minimum }}
maximum: {{ int $workers.maximum }}
threads: {{ int $workers.threads }}
memory: {{ $workers.memory }}
cpu: {{ $workers.cpu }}
environment: {{ include "uraniborg.pools.computeEnv" . }}
identity: {{ include "uraniborg.pools.computeIdentity" . }}
{{- if .Values.certificates.configMap }}
certificates: {{ include "uraniborg.certificatesName" . }}
{{- end }}
{{- if include "uraniborg.portal.daskScans" . }}
catalogs:
  claim: {{ .Values.portal.scans.catalogsClaim }}
  path: {{ include "uraniborg.portal.catalogsFolder" . }}
{{- end }}
egress:
  {{- include "uraniborg.dnsEgress" . | nindent 2 }}
  {{- if .Values.portal.networkPolicy.internet }}
  - to:
      {{- include "uraniborg.internet" . | nindent 6 }}
  {{- end }}
  {{- with $workers.egress }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* Variables of those workers, as JSON: where data files come from, and what the values add. */}}
{{- define "uraniborg.pools.computeEnv" -}}
{{- $given := dict -}}
{{- with .Values.dataMirror }}{{ $_ := set $given "URANIBORG_DATA_MIRROR" . }}{{ end -}}
{{- if hasKey .Values.portal.config "network" }}{{ $_ := set $given "URANIBORG_NETWORK" (toString .Values.portal.config.network) }}{{ end -}}
{{- toJson (mustMergeOverwrite $given (deepCopy .Values.portal.jobs.workers.extraEnv)) -}}
{{- end -}}

{{/* Users and groups of their pods, as JSON. */}}
{{- define "uraniborg.pools.computeIdentity" -}}
{{- $security := include "uraniborg.podSecurity" (dict "root" .) | fromYaml -}}
{{- toJson (omit $security "runAsNonRoot" "seccompProfile") -}}
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
{{- if .Values.operator.enabled }}
operator_labels:
  {{- include "uraniborg.selector" (dict "root" . "component" "operator") | nindent 2 }}
{{- else }}
operator_labels: {}
{{- end }}
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

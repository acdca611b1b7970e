{{/* Names. */}}
{{- define "uraniborg.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "uraniborg.labsNamespace" -}}
{{- .Values.labs.namespace | default (printf "%s-labs" .Release.Namespace) -}}
{{- end -}}

{{/* Name of a cluster-wide object: two releases of one name may live in two namespaces. */}}
{{- define "uraniborg.clusterName" -}}
{{- printf "%s-%s" .Release.Namespace (include "uraniborg.fullname" .) -}}
{{- end -}}

{{- define "uraniborg.homesClaim" -}}
{{- .Values.singleuser.storage.shared.existingClaim | default (printf "%s-homes" (include "uraniborg.fullname" .)) -}}
{{- end -}}

{{/* Labels. Those with a component take (dict "root" $ "component" "hub"). */}}
{{- define "uraniborg.instanceLabels" -}}
app.kubernetes.io/name: uraniborg
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "uraniborg.releaseLabels" -}}
{{ include "uraniborg.instanceLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "uraniborg.selector" -}}
{{ include "uraniborg.instanceLabels" .root }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "uraniborg.labels" -}}
{{ include "uraniborg.releaseLabels" .root }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* Labels of pods that stay. The chart's version is not among them: a new one would replace pods in which nothing else changes. */}}
{{- define "uraniborg.podLabels" -}}
{{ include "uraniborg.selector" . }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end -}}

{{/* Metadata of an object of a component: (dict "root" $ "component" "hub"), and "name" or "namespace" where they differ. */}}
{{- define "uraniborg.metadata" -}}
name: {{ .name | default (printf "%s-%s" (include "uraniborg.fullname" .root) .component) }}
namespace: {{ .namespace | default .root.Release.Namespace }}
labels:
  {{- include "uraniborg.labels" . | nindent 2 }}
{{- end -}}

{{/* The address of an image: (dict "root" $ "image" .Values.hub.image). A digest leaves the tag out. */}}
{{- define "uraniborg.image" -}}
{{- include "uraniborg.repository" . -}}
{{- if .image.digest -}}
@{{ .image.digest }}
{{- else -}}
:{{ .image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "uraniborg.repository" -}}
{{- with .root.Values.image.registry }}{{ trimSuffix "/" . }}/{{ end }}{{ .image.name -}}
{{- end -}}

{{/* Names of the Secrets with which nodes fetch images, in JSON: the values', and the chart's own. */}}
{{- define "uraniborg.pullSecretNames" -}}
{{- $names := .Values.imagePullSecrets -}}
{{- if .Values.imagePullSecret.create }}{{ $names = append $names (printf "%s-pull" (include "uraniborg.fullname" .)) }}{{ end -}}
{{- toJson ($names | uniq) -}}
{{- end -}}

{{- define "uraniborg.pullSecrets" -}}
{{- with fromJsonArray (include "uraniborg.pullSecretNames" .) }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* Restricted pod security. OpenShift chooses the ids itself. */}}
{{- define "uraniborg.podSecurity" -}}
runAsNonRoot: true
seccompProfile:
  type: RuntimeDefault
{{- if not .root.Values.security.arbitraryUserIds }}
runAsUser: {{ .id | default 1000 | int }}
runAsGroup: {{ .id | default 1000 | int }}
fsGroup: {{ .id | default 1000 | int }}
fsGroupChangePolicy: OnRootMismatch
{{- end }}
{{- end -}}

{{- define "uraniborg.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* What every pod's spec starts with: (dict "root" $), and "id" of the user where it is not 1000. */}}
{{- define "uraniborg.podSpec" -}}
{{- include "uraniborg.pullSecrets" .root }}
enableServiceLinks: false
securityContext:
  {{- include "uraniborg.podSecurity" . | nindent 2 }}
{{- with .root.Values.scheduling.corePods }}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
tolerations:
  {{- range list "unreachable" "not-ready" }}
  - {key: node.kubernetes.io/{{ . }}, operator: Exists, effect: NoExecute, tolerationSeconds: {{ $.root.Values.scheduling.corePods.deadNodeSeconds | int }}}
  {{- end }}
  {{- with .tolerations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Variables of a map, in the order of their names. */}}
{{- define "uraniborg.extraEnv" -}}
{{- range $name, $value := . }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end -}}

{{/* Root file systems are read-only: state and temporary files have their own volumes. */}}
{{- define "uraniborg.homeEnv" -}}
- name: HOME
  value: /tmp
- name: URANIBORG_HOME
  value: /var/lib/uraniborg
{{- include "uraniborg.certificateEnv" . }}
{{- end -}}

{{/* The bundle that a hook makes of the public and the site's own authorities. */}}
{{- define "uraniborg.certificatesName" -}}
{{- printf "%s-certificates" (include "uraniborg.fullname" .) -}}
{{- end -}}

{{- define "uraniborg.certificateEnv" -}}
{{- if .Values.certificates.configMap }}
{{- range list "SSL_CERT_FILE" "REQUESTS_CA_BUNDLE" "CURL_CA_BUNDLE" "AWS_CA_BUNDLE" "NODE_EXTRA_CA_CERTS" }}
- name: {{ . }}
  value: /etc/uraniborg/certificates/ca-bundle.crt
{{- end }}
{{- end }}
{{- end -}}

{{- define "uraniborg.certificateMount" -}}
{{- if .Values.certificates.configMap }}
- name: certificates
  mountPath: /etc/uraniborg/certificates
  readOnly: true
{{- end }}
{{- end -}}

{{- define "uraniborg.certificateVolume" -}}
{{- if .Values.certificates.configMap }}
- name: certificates
  configMap:
    name: {{ include "uraniborg.certificatesName" . }}
{{- end }}
{{- end -}}

{{/* A volume's request: (dict "size" … "storageClass" … "accessModes" …). */}}
{{- define "uraniborg.claimSpec" -}}
accessModes: {{ .accessModes | default (list "ReadWriteOnce") | toJson }}
{{- with .storageClass }}
storageClassName: {{ . }}
{{- end }}
resources:
  requests:
    storage: {{ .size }}
{{- end -}}

{{/* Annotations of what outlives the release, for Helm and for Argo CD. */}}
{{- define "uraniborg.keep" -}}
helm.sh/resource-policy: keep
argocd.argoproj.io/sync-options: Prune=false,Delete=false
{{- end -}}

{{/* The hub's uraniborg.toml. */}}
{{- define "uraniborg.hub.toml" -}}
{{- $config := deepCopy .Values.hub.config -}}
{{- $class := dig "JupyterHub" "authenticator_class" "" $config -}}
{{- if $class }}{{ $_ := unset $config.JupyterHub "authenticator_class" }}{{ end -}}
{{- with .Values.subdomainHost }}{{ $config = mergeOverwrite $config (dict "JupyterHub" (dict "subdomain_host" (trimSuffix "/" .))) }}{{ end -}}
{{- include "uraniborg.tomlLines" (dict "public_url" (include "uraniborg.publicUrl" .) "data_mirror" .Values.dataMirror) | trim }}

[hub]
{{ include "uraniborg.tomlLines" (dict
  "authenticator" $class
  "bind" "0.0.0.0"
  "connect_url" (include "uraniborg.serviceUrl" (dict "root" . "component" "hub" "port" 8081))
  "config" $config) | trim }}

[lab]
{{ include "uraniborg.tomlLines" (dict
  "start_seconds" .Values.singleuser.startTimeout
  "stop_seconds" .Values.singleuser.stopSeconds
  "at_once" .Values.hub.concurrentSpawnLimit
  "activity_seconds" .Values.singleuser.activitySeconds) | trim }}
{{- if .Values.cull.enabled }}

[cull]
{{ include "uraniborg.tomlLines" (dict
  "timeout" .Values.cull.timeout
  "warning" .Values.cull.warning
  "max_age" .Values.cull.maxAge) | trim }}
{{- end }}

[kubernetes]
{{ include "uraniborg.tomlLines" (fromYaml (include "uraniborg.hub.kubernetes" .)) | trim }}
{{- end -}}

{{/* The table [kubernetes]: how labs become pods. */}}
{{- define "uraniborg.hub.kubernetes" -}}
{{- $user := .Values.singleuser -}}
namespace: {{ include "uraniborg.labsNamespace" . }}
instance: {{ .Release.Name }}
service_account: {{ include "uraniborg.fullname" . }}-lab
image: {{ include "uraniborg.image" (dict "root" . "image" $user.image) }}
pull_policy: {{ .Values.image.pullPolicy }}
pull_secrets: {{ include "uraniborg.pullSecretNames" . }}
portal_url: {{ include "uraniborg.serviceUrl" (dict "root" . "component" "portal" "port" 8000) }}/services/portal/
pools_url: {{ include "uraniborg.serviceUrl" (dict "root" . "component" "pools" "port" 8000) }}/services/pools/
{{- if .Values.subdomainHost }}
portal_public_url: {{ include "uraniborg.servicePublicUrl" (dict "root" . "name" "portal") }}
{{- end }}
home:
  {{- include "uraniborg.hub.home" . | nindent 2 }}
{{- with $user.catalogs.existingClaim }}
catalogs:
  claim: {{ . }}
  path: {{ $user.catalogs.mountPath }}
{{- end }}
{{- if .Values.certificates.configMap }}
certificates: {{ include "uraniborg.certificatesName" . }}
{{- end }}
data_mirror: {{ .Values.dataMirror | quote }}
environment: {{ toJson $user.extraEnv }}
node_selector: {{ toJson .Values.scheduling.userPods.nodeSelector }}
tolerations: {{ toJson .Values.scheduling.userPods.tolerations }}
priority_class: {{ $user.priorityClassName | quote }}
user_id: {{ ternary 0 1000 .Values.security.arbitraryUserIds }}
profiles: {{ include "uraniborg.hub.profiles" . }}
{{- end -}}

{{- define "uraniborg.hub.home" -}}
{{- $storage := .Values.singleuser.storage -}}
{{- if eq $storage.type "shared" -}}
kind: shared
claim: {{ include "uraniborg.homesClaim" . }}
{{- with $storage.quota }}
quota: {{ . }}
{{- end }}
{{- else -}}
kind: claim
size: {{ $storage.capacity }}
{{- with $storage.dynamic.storageClass }}
storage_class: {{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Profiles as the hub reads them, in JSON; sizes that one leaves out are those of singleuser. */}}
{{- define "uraniborg.hub.profiles" -}}
{{- $user := .Values.singleuser -}}
{{- $standard := dict "slug" "standard" "display_name" "Standard" "default" true -}}
{{- $profiles := list -}}
{{- range ($user.profileList | default (list $standard)) -}}
{{- $cpu := mergeOverwrite (deepCopy $user.cpu) (.cpu | default dict) -}}
{{- $memory := mergeOverwrite (deepCopy $user.memory) (.memory | default dict) -}}
{{- $profile := dict "slug" .slug "title" .display_name "description" (.description | default "") "default" (.default | default false)
  "cpu_request" (toString $cpu.guarantee) "cpu_limit" (toString $cpu.limit) "memory_request" (toString $memory.guarantee) "memory_limit" (toString $memory.limit)
  "gpu" (.gpu | default 0 | int) "groups" (.groups | default list) -}}
{{- if .image }}{{ $_ := set $profile "image" (include "uraniborg.image" (dict "root" $ "image" .image)) }}{{ end -}}
{{- $profiles = append $profiles $profile -}}
{{- end -}}
{{- toJson $profiles -}}
{{- end -}}

{{/* Hooks. Each has a service account of its own that exists only while it runs; the scripts are files/hooks/*.py. */}}
{{- define "uraniborg.hook.annotations" -}}
helm.sh/hook: {{ .events }}
helm.sh/hook-weight: {{ .weight | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end -}}

{{- define "uraniborg.hook.metadata" -}}
{{- include "uraniborg.metadata" (dict "root" .root "component" "hook" "name" (printf "%s-hook-%s" (include "uraniborg.fullname" .root) .hook) "namespace" .namespace) }}
annotations:
  {{- include "uraniborg.hook.annotations" . | nindent 2 }}
{{- end -}}

{{/* ConfigMap of the scripts and service account of a hook: (dict "root" $ "hook" "secrets" "events" "pre-install,pre-upgrade"). */}}
{{- define "uraniborg.hook.identity" -}}
{{- $base := dict "root" .root "hook" .hook "events" .events "weight" -20 -}}
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "uraniborg.hook.metadata" $base | nindent 2 }}
data:
  {{- (.root.Files.Glob "files/hooks/*.py").AsConfig | nindent 2 }}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "uraniborg.hook.metadata" $base | nindent 2 }}
automountServiceAccountToken: false
{{- end -}}

{{/* The same with role and binding: (dict … "kind" "Role" "namespace" … "rules" (list …)). */}}
{{- define "uraniborg.hook.account" -}}
{{- $base := dict "root" .root "hook" .hook "events" .events "weight" -20 -}}
{{- $there := merge (dict "namespace" .namespace) $base -}}
{{- include "uraniborg.hook.identity" . }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ .kind }}
metadata:
  {{- if eq .kind "ClusterRole" }}
  name: {{ include "uraniborg.clusterName" .root }}-hook-{{ .hook }}
  labels:
    {{- include "uraniborg.labels" (dict "root" .root "component" "hook") | nindent 4 }}
  annotations:
    {{- include "uraniborg.hook.annotations" $base | nindent 4 }}
  {{- else }}
  {{- include "uraniborg.hook.metadata" $there | nindent 2 }}
  {{- end }}
rules:
  {{- toYaml .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ .kind }}Binding
metadata:
  {{- if eq .kind "ClusterRole" }}
  name: {{ include "uraniborg.clusterName" .root }}-hook-{{ .hook }}
  labels:
    {{- include "uraniborg.labels" (dict "root" .root "component" "hook") | nindent 4 }}
  annotations:
    {{- include "uraniborg.hook.annotations" $base | nindent 4 }}
  {{- else }}
  {{- include "uraniborg.hook.metadata" $there | nindent 2 }}
  {{- end }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ .kind }}
  {{- if eq .kind "ClusterRole" }}
  name: {{ include "uraniborg.clusterName" .root }}-hook-{{ .hook }}
  {{- else }}
  name: {{ include "uraniborg.fullname" .root }}-hook-{{ .hook }}
  {{- end }}
subjects:
  - kind: ServiceAccount
    name: {{ include "uraniborg.fullname" .root }}-hook-{{ .hook }}
    namespace: {{ .root.Release.Namespace }}
{{- end -}}

{{/* The Job of a hook: (dict "root" $ "hook" … "events" … "weight" … "seconds" … "args" (list "make_secrets.py" …)). */}}
{{- define "uraniborg.hook.job" -}}
apiVersion: batch/v1
kind: Job
metadata:
  {{- include "uraniborg.hook.metadata" . | nindent 2 }}
spec:
  backoffLimit: {{ ternary .retries 3 (hasKey . "retries") }}
  activeDeadlineSeconds: {{ int .seconds }}
  template:
    metadata:
      labels:
        {{- include "uraniborg.labels" (dict "root" .root "component" "hook") | nindent 8 }}
    spec:
      {{- include "uraniborg.hook.podSpec" . | nindent 6 }}
{{- end -}}

{{- define "uraniborg.hook.podSpec" -}}
{{- include "uraniborg.podSpec" (dict "root" .root) }}
{{- if .account }}
serviceAccountName: {{ .account }}
automountServiceAccountToken: true
{{- else }}
automountServiceAccountToken: false
{{- end }}
restartPolicy: Never
containers:
  - name: hook
    image: {{ include "uraniborg.image" (dict "root" .root "image" .root.Values.hub.image) }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    args:
      - python
      - -B
      {{- range $index, $argument := .args }}
      - {{ if $index }}{{ $argument | quote }}{{ else }}/hooks/{{ $argument }}{{ end }}
      {{- end }}
    securityContext:
      {{- include "uraniborg.containerSecurity" .root | nindent 6 }}
    resources:
      {{- toYaml .root.Values.hooks.resources | nindent 6 }}
    volumeMounts:
      - {name: hooks, mountPath: /hooks, readOnly: true}
      - {name: tmp, mountPath: /tmp}
      {{- if .configMap }}
      - {name: certificates, mountPath: /certificates, readOnly: true}
      {{- end }}
volumes:
  - name: hooks
    configMap:
      name: {{ include "uraniborg.fullname" .root }}-hook-{{ .hook }}
  - name: tmp
    emptyDir: {}
  {{- with .configMap }}
  # Without it the script says so; a pod that waits for a volume says nothing.
  - name: certificates
    configMap: {name: {{ . }}, optional: true}
  {{- end }}
{{- end -}}

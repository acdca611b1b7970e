{{/* Images that pods on the nodes of users may have, each once, as a JSON list. */}}
{{- define "uraniborg.pull.images" -}}
{{- $images := list (include "uraniborg.image" (dict "root" . "image" .Values.singleuser.image)) -}}
{{- range .Values.singleuser.profileList -}}
{{- if .image }}{{ $images = append $images (include "uraniborg.image" (dict "root" $ "image" .image)) }}{{ end -}}
{{- end -}}
{{- if include "uraniborg.portal.dask" . }}{{ $images = append $images (include "uraniborg.image" (dict "root" . "image" .Values.portal.image)) }}{{ end -}}
{{- toJson (concat $images .Values.prePuller.extraImages | uniq) -}}
{{- end -}}

{{/* What pullers and placeholders share: a pod on the nodes of users that does nothing. */}}
{{- define "uraniborg.pull.podSpec" -}}
{{- include "uraniborg.pullSecrets" . }}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: 0
securityContext:
  {{- include "uraniborg.podSecurity" (dict "root" .) | nindent 2 }}
{{- with .Values.scheduling.userPods.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.scheduling.userPods.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* A DaemonSet's spec that brings every image to every node of users: (dict "root" $ "mode" "hook"). */}}
{{- define "uraniborg.pull.daemonSetSpec" -}}
{{- $root := .root -}}
selector:
  matchLabels:
    {{- include "uraniborg.selector" (dict "root" $root "component" "pull") | nindent 4 }}
    uraniborg/pull: {{ .mode }}
updateStrategy:
  rollingUpdate:
    maxUnavailable: 100%
template:
  metadata:
    labels:
      {{- include "uraniborg.podLabels" (dict "root" $root "component" "pull") | nindent 6 }}
      uraniborg/pull: {{ .mode }}
  spec:
    {{- include "uraniborg.pull.podSpec" $root | nindent 4 }}
    initContainers:
      {{- range $index, $image := fromJsonArray (include "uraniborg.pull.images" $root) }}
      - name: image-{{ $index }}
        image: {{ $image }}
        imagePullPolicy: {{ $root.Values.image.pullPolicy }}
        command: [/bin/sh, -c, "true"]
        securityContext:
          {{- include "uraniborg.containerSecurity" $root | nindent 10 }}
        resources:
          {{- toYaml $root.Values.prePuller.resources | nindent 10 }}
      {{- end }}
    containers:
      {{- include "uraniborg.pull.sleeper" (dict "root" $root "resources" $root.Values.prePuller.resources) | nindent 6 }}
{{- end -}}

{{/* A container that keeps its pod alive: (dict "root" $ "resources" …). */}}
{{- define "uraniborg.pull.sleeper" -}}
- name: wait
  image: {{ include "uraniborg.image" (dict "root" .root "image" .root.Values.singleuser.image) }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  command: [/bin/sh, -c, exec sleep infinity]
  securityContext:
    {{- include "uraniborg.containerSecurity" .root | nindent 4 }}
  resources:
    {{- toYaml .resources | nindent 4 }}
{{- end -}}

{{/* Addresses: what browsers open, and what processes of the cluster reach. */}}
{{- define "uraniborg.publicUrl" -}}
{{- if .Values.publicUrl -}}
{{- .Values.publicUrl -}}
{{- else if and .Values.ingress.enabled .Values.ingress.hosts -}}
{{- printf "%s://%s/" (ternary "https" "http" (not (empty .Values.ingress.tls))) (first .Values.ingress.hosts) -}}
{{- else if and .Values.httpRoute.enabled .Values.httpRoute.hostnames -}}
{{- printf "https://%s/" (first .Values.httpRoute.hostnames) -}}
{{- else -}}
http://localhost:8000/
{{- end -}}
{{- end -}}

{{/* A Service of the release's namespace, reachable from both namespaces: (dict "root" $ "component" "hub" "port" 8081). */}}
{{- define "uraniborg.serviceUrl" -}}
http://{{ include "uraniborg.fullname" .root }}-{{ .component }}.{{ .root.Release.Namespace }}:{{ .port }}
{{- end -}}

{{/* Where browsers find a service of the hub. With `subdomainHost` each service has a host of its own (JupyterHub's idna rule). */}}
{{- define "uraniborg.servicePublicUrl" -}}
{{- $public := urlParse (include "uraniborg.publicUrl" .root) -}}
{{- if .root.Values.subdomainHost -}}
{{- $domain := urlParse .root.Values.subdomainHost -}}
{{ $domain.scheme }}://{{ .name }}--service.{{ $domain.host }}/services/{{ .name }}/
{{- else -}}
{{ $public.scheme }}://{{ $public.host }}/services/{{ .name }}/
{{- end -}}
{{- end -}}

{{/* JupyterHub's variables of a service: (dict "root" $ "name" "portal" "token" .Values.secrets.portalToken). */}}
{{- define "uraniborg.serviceEnv" -}}
{{ include "uraniborg.secretEnv" (dict "root" .root "variable" "JUPYTERHUB_API_TOKEN" "secret" .token) }}
- name: JUPYTERHUB_API_URL
  value: {{ include "uraniborg.serviceUrl" (dict "root" .root "component" "hub" "port" 8081) }}/hub/api
- name: JUPYTERHUB_SERVICE_NAME
  value: {{ .name }}
- name: JUPYTERHUB_SERVICE_PREFIX
  value: /services/{{ .name }}/
- name: JUPYTERHUB_SERVICE_URL
  value: http://0.0.0.0:8000/services/{{ .name }}/
- name: JUPYTERHUB_CLIENT_ID
  value: service-{{ .name }}
- name: JUPYTERHUB_BASE_URL
  value: /
{{- with .root.Values.subdomainHost }}
- name: JUPYTERHUB_HOST
  value: {{ trimSuffix "/" . }}
{{- end }}
- name: JUPYTERHUB_PUBLIC_URL
  value: {{ include "uraniborg.servicePublicUrl" . }}
- name: JUPYTERHUB_PUBLIC_HUB_URL
  value: {{ include "uraniborg.publicUrl" .root }}hub/
- name: JUPYTERHUB_OAUTH_CALLBACK_URL
  value: {{ if .root.Values.subdomainHost }}{{ include "uraniborg.servicePublicUrl" . }}{{ else }}/services/{{ .name }}/{{ end }}oauth_callback
{{- end -}}

{{/* Everything but private ranges, the cluster's own and the metadata address, as NetworkPolicy peers. */}}
{{- define "uraniborg.internet" -}}
{{- $closed := concat .Values.networkPolicy.privateRanges .Values.networkPolicy.clusterRanges -}}
{{- range .Values.networkPolicy.apiServer.cidrs -}}
{{- if not (hasSuffix "/0" .) }}{{ $closed = append $closed . }}{{ end -}}
{{- end -}}
{{- $four := list -}}
{{- $six := list -}}
{{- range $closed | uniq -}}
{{- if contains ":" . }}{{ $six = append $six . }}{{ else }}{{ $four = append $four . }}{{ end -}}
{{- end -}}
- ipBlock:
    cidr: 0.0.0.0/0
    except: {{ toJson $four }}
- ipBlock:
    cidr: ::/0
    except: {{ toJson $six }}
{{- end -}}

{{/* Pods of components of the release, from the labs' namespace: (dict "root" $ "components" (list "hub")). */}}
{{- define "uraniborg.corePeer" -}}
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: {{ .root.Release.Namespace }}
  podSelector:
    {{- include "uraniborg.componentIn" . | nindent 4 }}
{{- end -}}

{{/* Pods of the labs' namespace, from the release's. */}}
{{- define "uraniborg.labsPeer" -}}
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: {{ include "uraniborg.labsNamespace" .root }}
  podSelector:
    {{- include "uraniborg.componentIn" . | nindent 4 }}
{{- end -}}

{{- define "uraniborg.peer" -}}
- podSelector:
    {{- include "uraniborg.componentIn" . | nindent 4 }}
{{- end -}}

{{- define "uraniborg.componentIn" -}}
matchLabels:
  {{- include "uraniborg.instanceLabels" .root | nindent 2 }}
matchExpressions:
  - key: app.kubernetes.io/component
    operator: In
    values: {{ toJson .components }}
{{- end -}}

{{- define "uraniborg.apiServerEgress" -}}
- to:
    {{- range .Values.networkPolicy.apiServer.cidrs }}
    - ipBlock:
        cidr: {{ . | quote }}
    {{- end }}
  ports:
    {{- range .Values.networkPolicy.apiServer.ports }}
    - {port: {{ int . }}, protocol: TCP}
    {{- end }}
{{- end -}}

{{- define "uraniborg.databaseEgress" -}}
{{- if .root.Values.postgresql.enabled }}
- to:
    {{- include "uraniborg.peer" (dict "root" .root "components" (list "postgresql")) | nindent 4 }}
  ports:
    - {port: 5432, protocol: TCP}
{{- end }}
{{- if include "uraniborg.externalDatabase" . }}
- to:
    {{- range .root.Values.database.cidrs }}
    - ipBlock:
        cidr: {{ . | quote }}
    {{- end }}
  ports:
    - {port: {{ int .root.Values.database.port }}, protocol: TCP}
{{- end }}
{{- end -}}

{{- define "sallyport.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains "sallyport" .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-sallyport" (.Release.Name | trunc 42 | trimSuffix "-") -}}
{{- end -}}
{{- end -}}

{{- define "sallyport.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "sallyport.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- /* Of pods and of whatever selects them. They can never change, so nothing else may be among them. */ -}}
{{- define "sallyport.selectorLabels" -}}
app.kubernetes.io/name: sallyport
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "sallyport.labels" -}}
{{- include "sallyport.selectorLabels" . }}
app.kubernetes.io/part-of: sallyport
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | quote }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "sallyport.metadata" -}}
name: {{ include "sallyport.fullname" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "sallyport.labels" . | nindent 2 }}
{{- end -}}

{{- define "sallyport.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{- printf "%s@%s" .repository .digest -}}
{{- else -}}
{{- printf "%s:%s" .repository (.tag | default $.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* Empty where publicUrl comes from the environment. */ -}}
{{- define "sallyport.publicHost" -}}
{{- $url := dig "server" "publicUrl" "" .Values.config | toString -}}
{{- if not (contains "${" $url) -}}{{ (urlParse $url).hostname }}{{- end -}}
{{- end -}}

{{- define "sallyport.ingressHost" -}}
{{- .Values.ingress.host | default (include "sallyport.publicHost" .) -}}
{{- end -}}

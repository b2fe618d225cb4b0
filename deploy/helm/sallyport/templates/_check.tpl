{{- /* What cannot work, or is not safe, is said before anything is installed: all of it at once. */ -}}
{{- define "sallyport.check" -}}
{{- $problems := concat
  (include "sallyport.configProblems" . | fromJsonArray)
  (include "sallyport.secretProblems" . | fromJsonArray)
  (include "sallyport.literalProblems" . | fromJsonArray)
  (include "sallyport.storeProblems" . | fromJsonArray)
  (include "sallyport.wayInProblems" . | fromJsonArray)
-}}
{{- if $problems -}}
{{- fail (printf "\n\n- %s\n" (join "\n- " $problems)) -}}
{{- end -}}
{{- end -}}

{{- define "sallyport.configProblems" -}}
{{- $problems := list -}}
{{- $config := .Values.config -}}
{{- if not (dig "server" "publicUrl" "" $config) -}}
{{- $problems = append $problems "config.server.publicUrl is not said: the origin that browsers use, such as https://app.example.com" -}}
{{- end -}}
{{- if not (get $config "upstreams") -}}
{{- $problems = append $problems "config.upstreams is empty: say where FastAPI is, such as { api: http://fastapi:8000 }" -}}
{{- end -}}
{{- if not (get $config "routes") -}}
{{- $problems = append $problems "config.routes is empty: nothing would be served" -}}
{{- end -}}
{{- if dig "server" "listen" "" $config -}}
{{- $problems = append $problems "config.server.listen must be left out: the Service and the probes expect 0.0.0.0:8080" -}}
{{- end -}}
{{- $admin := get $config "admin" -}}
{{- if and $admin (not (kindIs "map" $admin)) -}}
{{- $problems = append $problems "config.admin must be left out or a mapping: without the admin listener there are no probes" -}}
{{- else if and $admin (get $admin "listen") -}}
{{- $problems = append $problems "config.admin.listen must be left out: the probes expect 0.0.0.0:9090" -}}
{{- end -}}
{{- $patience := include "sallyport.patience" . -}}
{{- $given := int64 .Values.terminationGracePeriodSeconds -}}
{{- if eq $patience "" -}}
{{- if eq $given 0 -}}
{{- $problems = append $problems "terminationGracePeriodSeconds must be said, because config.server.shutdown is not a time that the chart can read (such as 5s)" -}}
{{- end -}}
{{- else if and (gt $given 0) (le $given (add (int64 $patience) 2)) -}}
{{- $problems = append $problems (printf "terminationGracePeriodSeconds is %d, and must be more than 2 s longer than config.server.shutdown.drain and grace together, which are %s s" $given $patience) -}}
{{- end -}}
{{- toJson $problems -}}
{{- end -}}

{{- define "sallyport.secretProblems" -}}
{{- $problems := list -}}
{{- $secret := .Values.secret -}}
{{- if and $secret.existing $secret.values -}}
{{- $problems = append $problems "secret.existing and secret.values are both said: choose one" -}}
{{- else if not (or $secret.existing $secret.values) -}}
{{- $problems = append $problems (printf "secret.existing is empty: name a Secret with the keys %s, or give them in secret.values; the chart makes up no secrets" (include "sallyport.neededKeys" . | replace "," ", ")) -}}
{{- else if $secret.values -}}
{{- range $key := include "sallyport.neededKeys" . | splitList "," -}}
{{- $value := get $secret.values $key -}}
{{- if not $value -}}
{{- $problems = append $problems (printf "secret.values.%s is missing" $key) -}}
{{- else if and (has $key (list "ADMIN_TOKEN" "BETTER_AUTH_SECRET" "JWT_SECRET")) (lt (len $value) 32) -}}
{{- $problems = append $problems (printf "secret.values.%s has fewer than 32 bytes: openssl rand -hex 32 makes one" $key) -}}
{{- end -}}
{{- end -}}
{{- $jwt := get $secret.values "JWT_SECRET" -}}
{{- if and $jwt (eq $jwt (get $secret.values "BETTER_AUTH_SECRET" | toString)) -}}
{{- $problems = append $problems "secret.values.JWT_SECRET is the same as BETTER_AUTH_SECRET: whoever can sign tokens could forge sessions" -}}
{{- end -}}
{{- if $secret.extraKeys -}}
{{- $problems = append $problems "secret.extraKeys is for secret.existing: every key of secret.values counts already" -}}
{{- end -}}
{{- end -}}
{{- toJson $problems -}}
{{- end -}}

{{- /* What stands in config is in a ConfigMap, which more people may read than a Secret. */ -}}
{{- define "sallyport.literalProblems" -}}
{{- $problems := list -}}
{{- $config := .Values.config -}}
{{- $admin := get $config "admin" | default dict -}}
{{- $places := dict
  "admin.token" (get (ternary $admin dict (kindIs "map" $admin)) "token")
  "auth.secret" (dig "auth" "secret" "" $config)
  "auth.pushSecret" (dig "auth" "pushSecret" "" $config)
  "bearer.secret" (dig "bearer" "secret" "" $config)
-}}
{{- range $name, $provider := dig "auth" "signIn" "social" dict $config -}}
{{- $_ := set $places (printf "auth.signIn.social.%s.clientSecret" $name) (get $provider "clientSecret") -}}
{{- end -}}
{{- range $place, $value := $places -}}
{{- range $text := ternary $value (list $value) (kindIs "slice" $value) -}}
{{- if and $text (not (contains "${" (toString $text))) -}}
{{- $problems = append $problems (printf "config.%s is a secret that would stand in a ConfigMap: refer to a key of the Secret, such as ${NAME}" $place) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $place, $url := dict "auth.database" (dig "auth" "database" "" $config) "redis" (get $config "redis") -}}
{{- if regexMatch "://[^/]*:[^/$]+@" (toString $url) -}}
{{- $problems = append $problems (printf "config.%s holds a password that would stand in a ConfigMap: leave it out, and put the URL in the Secret" $place) -}}
{{- end -}}
{{- end -}}
{{- toJson ($problems | uniq) -}}
{{- end -}}

{{- define "sallyport.storeProblems" -}}
{{- $problems := list -}}
{{- $isFile := "^(sqlite:|:memory:)" -}}
{{- $places := list (dig "auth" "database" "" .Values.config | toString) (get .Values.secret.values "DATABASE_URL" | toString) -}}
{{- if include "sallyport.isSqlite" . -}}
{{- if first $places -}}
{{- $problems = append $problems "config.auth.database must be left out where database is sqlite: the chart says where its volume is" -}}
{{- end -}}
{{- if .Values.autoscaling.enabled -}}
{{- $problems = append $problems "autoscaling.enabled must be false where database is sqlite: one process writes to the file. Several pods need database: postgres" -}}
{{- else if ne (int .Values.replicas) 1 -}}
{{- $problems = append $problems (printf "replicas is %d and must be 1 where database is sqlite: one process writes to the file. Several pods need database: postgres" (int .Values.replicas)) -}}
{{- end -}}
{{- else -}}
{{- range $places -}}
{{- if regexMatch $isFile . -}}
{{- $problems = append $problems "the database is SQLite, in a file that goes with the pod: say database: sqlite, which brings a volume, or give the URL of a PostgreSQL" -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and (include "sallyport.isRemote" .) (include "sallyport.areSeveral" .) (not (or .Values.redis (get .Values.config "redis"))) -}}
{{- $problems = append $problems "redis is false, and config.auth.mode is remote with several pods: a revocation that is pushed to one of them would not reach the others. Say redis: true, or one pod" -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) -}}
{{- $problems = append $problems "autoscaling.minReplicas is more than maxReplicas" -}}
{{- end -}}
{{- toJson $problems -}}
{{- end -}}

{{- define "sallyport.wayInProblems" -}}
{{- $problems := list -}}
{{- if and .Values.ingress.enabled .Values.httpRoute.enabled -}}
{{- $problems = append $problems "ingress and httpRoute are both enabled: choose one" -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not (include "sallyport.ingressHost" .)) -}}
{{- $problems = append $problems "ingress.host must be said, because config.server.publicUrl names no host" -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- $problems = append $problems "httpRoute.parentRefs is empty: name the Gateway" -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not (or .Values.httpRoute.hostnames (include "sallyport.publicHost" .))) -}}
{{- $problems = append $problems "httpRoute.hostnames must be said, because config.server.publicUrl names no host" -}}
{{- end -}}
{{- if and (or .Values.ingress.enabled .Values.httpRoute.enabled) (not (dig "server" "trustedProxies" "" .Values.config)) -}}
{{- $problems = append $problems "config.server.trustedProxies is empty: say where the pods of the ingress controller are, such as [10.0.0.0/8]; without it all clients count as one" -}}
{{- end -}}
{{- toJson $problems -}}
{{- end -}}

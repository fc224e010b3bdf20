"""An in-memory Kubernetes API server, for `make run` and for tests where there is no cluster.

It lists, watches, creates, replaces, patches and deletes the kinds that cluster DNS needs, keeps
resourceVersions and their history, fills in what a real API server fills in, and derives
EndpointSlices and Endpoints from Services and Pods. Its answers have the shape of recorded ones of
Kubernetes 1.36. `devcluster.cluster.DevCluster` is the same server inside a test's own process.

Not here: pods that run, schema validation, managedFields, admission plugins, RBAC decisions.
"""

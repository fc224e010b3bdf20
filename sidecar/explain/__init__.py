"""Why a name resolves as it does, or does not: `kube-dns-explain`, and the same for the page.

Walks the search list that a pod's resolver would walk, asks the front each name over DNS, and puts
beside each answer what the front and kubedns say of it (`/explain` of both).
"""

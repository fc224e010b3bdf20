"""Why a question about the cluster is answered as it is: for people, never for a query.

`zone` finds the cause in the tree that answers, `page` serves it as JSON. The outcome is that of
`kubedns.lookup` itself, so an explanation cannot say otherwise than the answer did.
"""

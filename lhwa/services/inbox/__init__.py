"""The inbox: what people see and note at their desk, put together from what the other services know.

No rule of sending or deciding lives here.
"""

"""The inbox: the screen, and a line mode of the same acts, at which lawyers and staff spend their day.

The one rule: nothing is decided here. What is shown are views of the services, read in workers; what people do is
a `lhwa ...` line, run by the same code as at a prompt and shown as it ran. So nothing exists only here, the services
check every act anew, and a role that was taken away a minute ago is gone here too.
"""

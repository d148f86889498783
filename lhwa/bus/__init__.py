"""3. Claims work, runs handlers, marks it done in the commit of its effect; retries, dead letters."""

-- Whose intakes are whose: people look at their own threads all day.
CREATE INDEX intake_assigned ON intake (assigned_to) WHERE assigned_to IS NOT NULL;

"""What Meta would refuse of an outgoing message, found when it is written and again when it is posted."""

from lhwa.domain.outbound_limits.content import content_findings
from lhwa.domain.outbound_limits.finding import Finding, text_findings

__all__ = ["Finding", "content_findings", "text_findings"]

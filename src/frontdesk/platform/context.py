"""What use cases that reach outside are given: the maker of units of work and the ports, already chosen.

Made once at start by the composition (`app.py`, `worker.py`, the tests); holds no state of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from frontdesk.platform.crypto import Vault
from frontdesk.platform.database import Works
from frontdesk.ports.calendar import Calendar
from frontdesk.ports.call_reading import CallReader
from frontdesk.ports.carrier import Carrier, CarrierVendor, NumberSeller
from frontdesk.ports.consent import Consent, ConsentPage
from frontdesk.ports.crm import Crm
from frontdesk.ports.documents import DocumentReader
from frontdesk.ports.email import Mailer
from frontdesk.ports.files import FileStore
from frontdesk.ports.llm import LanguageModel, TextWriter
from frontdesk.ports.outbound import Poster
from frontdesk.ports.payments import Payments, Till


@dataclass(frozen=True)
class Context:
    """The product's connections to the world. `carriers` need no account, `vendors` do; both by the provider's name as
    `numbers.provider` holds it. Which carrier an organisation texts through: `domain.numbers.service.carriers`."""

    works: Works
    carriers: Mapping[str, Carrier]
    llm: LanguageModel
    call_reader: CallReader
    mailer: Mailer
    files: FileStore
    documents: DocumentReader
    poster: Poster
    """Reaches addresses that users gave; nothing else does."""
    public_url: str
    """Base of links and callbacks, without a trailing slash."""
    vault: Vault
    """Seals what is stored and must not be read from a copy of the database."""
    payments: Payments
    """Who takes money for plans and packs."""
    calls_at_once: int = 1000
    """Callers for whose talk with the assistant this installation has room, of all organisations together."""
    seller: NumberSeller | None = None
    """Who sells numbers where there is no account with a carrier."""
    vendors: Mapping[str, CarrierVendor] = field(default_factory=dict[str, CarrierVendor])
    till: Till | None = None
    """The page where the sandbox is paid. None: the provider has pages of its own."""
    consents: Mapping[str, Consent] = field(default_factory=dict[str, Consent])
    """Who lets us use people's accounts with other systems, by the provider's id in `domain.integrations.model`."""
    calendars: Mapping[str, Calendar] = field(default_factory=dict[str, Calendar])
    """Calendars that can be connected, by the same ids."""
    crms: Mapping[str, Crm] = field(default_factory=dict[str, Crm])
    """CRM systems that can be connected, by the same ids."""
    consent_page: ConsentPage | None = None
    """Where people consent in the sandbox."""
    writer: TextWriter | None = None
    """Puts campaign texts in words for single leads. None: no model is connected, and the offline brain does not."""

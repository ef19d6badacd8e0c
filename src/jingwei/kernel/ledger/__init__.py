"""Every look and every deed goes on record, refused ones included; and the record can be proved.

    record() ──▶ LedgerEntry ──sealing──▶ segment files: Merkle tree, signed head, chained
                     │                          │
                 reading (who looked)       proofs (for a resident) · checking (for an auditor)

Rooms use the names below. What signs and checks (`sealing`, `checking`, `signing`) is imported by the
command line and the worker alone: it brings a library along that no page needs.
"""

from jingwei.kernel.ledger.appending import record
from jingwei.kernel.ledger.keys import pseudonym, pseudonyms
from jingwei.kernel.ledger.proofs import Proof, proof
from jingwei.kernel.ledger.reading import Status, about, status

__all__ = ["Proof", "Status", "about", "proof", "pseudonym", "pseudonyms", "record", "status"]

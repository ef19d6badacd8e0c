"""The rows of a dump's INSERT statements, by sqlglot's tokens.

    text ─tokens─▶ CREATE TABLE names the columns ─ INSERT gives the rows

A value that is no plain literal (a function call, say) makes its row a Reject.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

from sqlglot.dialects.mysql import MySQL
from sqlglot.dialects.postgres import Postgres
from sqlglot.errors import TokenError
from sqlglot.tokens import Token, TokenType

from jingwei.collection.connectors import headers
from jingwei.collection.connectors.base import Batch, Reader, Reject, Source
from jingwei.collection.connectors.batches import ROWS, batch
from jingwei.collection.connectors.insert_statements import DumpUnreadable, NoSuchInserts
from jingwei.collection.connectors.rejects import shorten
from jingwei.kernel.text import listed

NAMES = (TokenType.VAR, TokenType.IDENTIFIER)


class InsertReader(Reader):
    def __init__(self, source: Source, text: str) -> None:
        super().__init__()
        dialect = Postgres if source.options.get("dialect") == "postgres" else MySQL
        try:
            self._tokens = dialect().tokenize(text)
        except TokenError as exc:
            raise DumpUnreadable(location=source.location, why=str(exc).splitlines()[0][:120]) from None
        self._source = source
        columns, tables = self._survey(source.table)
        if not columns:
            raise NoSuchInserts(location=source.location, table=source.table or "-", found=listed(tables))
        self._names = columns
        self.columns = headers.columns(source.location, columns, source.headers)
        self.facts["table"] = self._table

    def _survey(self, wanted: str | None) -> tuple[list[str], list[str]]:
        """The wanted table's columns, from its CREATE TABLE or from its first INSERT's list."""
        created: dict[str, list[str]] = {}
        inserted: dict[str, list[str]] = {}
        for index, token in enumerate(self._tokens):
            if token.token_type == TokenType.TABLE and self._is(index - 1, TokenType.CREATE):
                name, at = self._name(index + 1)
                created[name] = self._column_definitions(at)
            if token.token_type == TokenType.INTO and self._is(index - 1, TokenType.INSERT):
                name, at = self._name(index + 1)
                inserted.setdefault(name, self._listed(at) or created.get(name, []))
        self._table = wanted if wanted in inserted else (next(iter(inserted), "") if wanted is None else "")
        return inserted.get(self._table, []), list(inserted)

    def _is(self, index: int, kind: TokenType) -> bool:
        return 0 <= index < len(self._tokens) and self._tokens[index].token_type == kind

    def _name(self, index: int) -> tuple[str, int]:
        """A table's name without its schema, and the index after it."""
        while not self._is(index, TokenType.L_PAREN) and self._tokens[index].text.upper() in (
            "IF",
            "NOT",
            "EXISTS",
        ):
            index += 1
        name = self._tokens[index].text
        while self._is(index + 1, TokenType.DOT):
            index += 2
            name = self._tokens[index].text
        return name, index + 1

    def _column_definitions(self, index: int) -> list[str]:
        """Names that begin a definition: quoted, or plain and no keyword of a constraint."""
        names, depth, fresh = [], 0, False
        while index < len(self._tokens):
            token = self._tokens[index]
            if token.token_type == TokenType.L_PAREN:
                depth += 1
                fresh = depth == 1
            elif token.token_type == TokenType.R_PAREN:
                depth -= 1
                if depth == 0:
                    break
            elif token.token_type == TokenType.COMMA:
                fresh = depth == 1
            elif fresh:
                if token.token_type in NAMES and token.text.upper() not in ("KEY", "INDEX"):
                    names.append(token.text)
                fresh = False
            index += 1
        return names

    def _listed(self, index: int) -> list[str]:
        """Column names between the table and VALUES, if the statement lists them."""
        if not self._is(index, TokenType.L_PAREN):
            return []
        names = []
        while not self._is(index, TokenType.R_PAREN):
            index += 1
            if self._tokens[index].token_type in NAMES:
                names.append(self._tokens[index].text)
        return names

    def batches(self) -> Iterator[Batch]:
        rows: list[list[str | None]] = []
        numbers: list[int] = []
        rejects: list[Reject] = []
        for number, cells in self._records():
            if isinstance(cells, Reject):
                rejects.append(cells)
            else:
                rows.append(cells)
                numbers.append(number)
            if len(rows) + len(rejects) >= ROWS:
                yield batch(self.columns, rows, numbers, rejects)
                rows, numbers, rejects = [], [], []
        if rows or rejects:
            yield batch(self.columns, rows, numbers, rejects)

    def _records(self) -> Iterator[tuple[int, list[str | None] | Reject]]:
        index = 0
        while index < len(self._tokens):
            if self._is(index, TokenType.INTO) and self._is(index - 1, TokenType.INSERT):
                name, index = self._name(index + 1)
                listed = self._listed(index) or self._names
                while index < len(self._tokens) and not self._is(index, TokenType.VALUES):
                    index += 1
                if name == self._table:
                    index = yield from self._tuples(index + 1, listed)
            index += 1

    def _tuples(
        self, index: int, listed: list[str]
    ) -> Generator[tuple[int, list[str | None] | Reject], None, int]:
        """The parenthesized rows of one statement; returns the index of what ends it."""
        while self._is(index, TokenType.L_PAREN):
            line, start, depth = self._tokens[index].line, index, 0
            cells: list[list[Token]] = [[]]
            while True:
                token = self._tokens[index]
                depth += (token.token_type == TokenType.L_PAREN) - (token.token_type == TokenType.R_PAREN)
                if depth == 0:
                    break
                if token.token_type == TokenType.COMMA and depth == 1:
                    cells.append([])
                elif index > start:
                    cells[-1].append(token)
                index += 1
                if index >= len(self._tokens):
                    raise DumpUnreadable(location=self._source.location, why=f"line {line} is never closed")
            yield line, self._row(line, cells, listed)
            index += 1
            if self._is(index, TokenType.COMMA):
                index += 1
        return index

    def _row(self, line: int, cells: list[list[Token]], listed: list[str]) -> list[str | None] | Reject:
        text = ", ".join(" ".join(token.text for token in cell) for cell in cells)
        if len(cells) != len(listed) or not set(listed) <= set(self._names):
            return Reject(line, "ragged", shorten(text), {"expected": len(listed), "found": len(cells)})
        values: list[str | None] = []
        for cell in cells:
            kinds = [token.token_type for token in cell]
            if kinds == [TokenType.NULL]:
                values.append(None)
            elif len(cell) == 1 and kinds[0] in (
                TokenType.STRING,
                TokenType.NUMBER,
                TokenType.TRUE,
                TokenType.FALSE,
            ):
                values.append(cell[0].text)
            elif kinds == [TokenType.DASH, TokenType.NUMBER]:
                values.append("-" + cell[1].text)
            else:
                return Reject(line, "not-literal", shorten(text))
        given = dict(zip(listed, values, strict=True))
        return [given.get(name) for name in self._names]

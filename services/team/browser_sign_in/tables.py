"""What a browser client holds of a session, hashed: a code, then one refresh token after the other."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, Index, Table, Text, TypedColumns

from services.team.metadata import metadata


class AuthorizationCodeColumns(TypedColumns):
    """A code, as its SHA-256, bound to the page it went to and to the challenge; it is redeemed once."""

    code_hash: Column[str] = Column(Text, primary_key=True)
    session_id: Column[UUID] = Column(ForeignKey("sign_in_session.id", ondelete="CASCADE"), nullable=False)
    redirect_uri: Column[str] = Column(Text, nullable=False)
    code_challenge: Column[str] = Column(Text, nullable=False)
    nonce: Column[str | None] = Column(Text)
    expires_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    redeemed_at: Column[datetime | None] = Column(DateTime(timezone=True))


authorization_code = Table(
    "authorization_code",
    metadata,
    AuthorizationCodeColumns,
    Index("ix_authorization_code_session_id", "session_id"),
)


class RefreshTokenColumns(TypedColumns):
    """A refresh token, as its SHA-256; it is exchanged once for the next."""

    token_hash: Column[str] = Column(Text, primary_key=True)
    session_id: Column[UUID] = Column(ForeignKey("sign_in_session.id", ondelete="CASCADE"), nullable=False)
    expires_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    exchanged_at: Column[datetime | None] = Column(DateTime(timezone=True))


refresh_token = Table(
    "refresh_token", metadata, RefreshTokenColumns, Index("ix_refresh_token_session_id", "session_id")
)

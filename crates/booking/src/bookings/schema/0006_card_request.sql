-- Guests asked for a card by a link. The link itself is in `locator`; a later request of the same
-- booking closes the earlier ones. `card_before` is the card that counted when he was asked.
CREATE TABLE card_request (
    id          BYTES  NOT NULL,
    merchant_id BYTES  NOT NULL,
    mode        TEXT   NOT NULL,
    booking_id  BYTES  NOT NULL,
    asked_by    TEXT   NOT NULL,
    card_before BYTES,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    closed_at   BIGINT,
    PRIMARY KEY (id, merchant_id)
);
CREATE INDEX card_request_of_booking ON card_request (booking_id, merchant_id, created_at);

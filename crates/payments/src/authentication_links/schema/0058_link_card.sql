-- The network and the last four digits of the card that its holder is asked about: what he reads
-- and agrees to. The payment names the card of its last try, which may be another one.
ALTER TABLE authentication_link ADD COLUMN network TEXT NOT NULL DEFAULT '';
ALTER TABLE authentication_link ADD COLUMN last4 TEXT NOT NULL DEFAULT '';
UPDATE authentication_link SET
    network = COALESCE((SELECT p.card_brand FROM payment p WHERE p.id = authentication_link.payment_id
        AND p.merchant_id = authentication_link.merchant_id
        AND p.card_id = authentication_link.card_id), ''),
    last4 = COALESCE((SELECT p.card_last4 FROM payment p WHERE p.id = authentication_link.payment_id
        AND p.merchant_id = authentication_link.merchant_id
        AND p.card_id = authentication_link.card_id), '');

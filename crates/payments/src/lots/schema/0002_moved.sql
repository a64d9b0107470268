-- Lots of payments and of virtual cards stand with all others. They are moved, not copied: a line
-- that an older process is at is no longer there to be left, and its work on it is undone.
INSERT INTO lot (run_id, merchant_id, mode, user_id, deed, reason, address, device, role, created_at)
    SELECT run_id, merchant_id, mode, user_id, 'payments.' || action, reason, address, device, role,
        created_at
    FROM payment_lot;

INSERT INTO lot_line (run_id, position, merchant_id, thing, reference, name, detail, version,
        amount, currency, state, made, why)
    SELECT l.run_id, l.position, l.merchant_id, l.payment_id, p.order_ref, '', '', l.version,
        l.amount, l.currency, l.state, l.operation_id, l.why
    FROM payment_lot_line l
    JOIN payment p ON p.id = l.payment_id AND p.merchant_id = l.merchant_id;

DELETE FROM payment_lot_line;

DELETE FROM payment_lot;

INSERT INTO lot (run_id, merchant_id, mode, user_id, deed, reason, address, device, role, created_at)
    SELECT run_id, merchant_id, mode, user_id, 'virtual_cards.charge', NULL, address, device, role,
        created_at
    FROM virtual_lot;

INSERT INTO lot_line (run_id, position, merchant_id, thing, reference, name, detail, version,
        amount, currency, state, made, why)
    SELECT l.run_id, l.position, l.merchant_id, l.card, v.booking, '', v.masked, v.version,
        l.amount, l.currency, l.state, l.payment_id,
        CASE l.why WHEN 'refused' THEN 'not_charged' ELSE l.why END
    FROM virtual_lot_line l
    JOIN virtual_card v ON v.card = l.card AND v.merchant_id = l.merchant_id;

DELETE FROM virtual_lot_line;

DELETE FROM virtual_lot;

UPDATE run SET payload = replace(replace(replace(replace(payload,
        '"payments.lot"', '"lot"'), '"payments.virtual_lot"', '"lot"'),
        '"/caisse/lots/', '"/lots/'), '"/cartes/virtuelles/lots/', '"/lots/')
    WHERE kind = 'errand';

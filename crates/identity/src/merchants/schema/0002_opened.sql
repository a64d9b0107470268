-- When a live shop was opened for real payments (a test shop never is), and the name of each shop's
-- own site in addresses: a live shop and its test twin have one each.
ALTER TABLE shop ADD COLUMN opened_at BIGINT;
ALTER TABLE shop ADD COLUMN slug TEXT;
UPDATE shop SET slug = (SELECT m.slug FROM merchant m WHERE m.merchant_id = shop.merchant_id)
    || CASE WHEN mode = 'test' AND EXISTS (SELECT 1 FROM shop twin
        WHERE twin.merchant_id = shop.merchant_id AND twin.mode = 'live') THEN '-test' ELSE '' END;

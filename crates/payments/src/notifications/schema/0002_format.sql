-- json: the signed message itself; form: the same as flat form fields, for older programs.
ALTER TABLE webhook_endpoint ADD COLUMN format TEXT NOT NULL DEFAULT 'json';
-- What has ended and is old enough to be forgotten.
CREATE INDEX webhook_delivery_ended ON webhook_delivery (created_at) WHERE state <> 'waiting';

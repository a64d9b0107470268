-- Results that the bank still owes: few rows, looked for every second.
CREATE INDEX payment_operation_open ON payment_operation (state)
    WHERE state IN ('unknown', 'pending');

# Mails to payers.
notices-receipt-subject = Receipt for { $amount } — { $merchant }
notices-checking-subject = We are checking your payment
notices-accepted-subject = Payment accepted: { $amount }
notices-refused-subject = Payment declined: { $amount }
notices-cancelled-subject = Payment cancelled: { $amount }
notices-refund-subject = Refund of { $amount }

notices-hello = Hello { $name },
notices-hello-unnamed = Hello,
notices-amount = Amount: { $amount }
notices-reference = Reference: { $reference }
notices-date = Date: { $when }
notices-refund-text = { $merchant } has refunded you { $amount }.

notices-receipt-follows = The link in this message opens your receipt; you can read and print it for 15 months.
notices-checking-follows = We will write to you as soon as the bank has answered. The link in this message shows where the payment stands.
notices-accepted-follows = The link in this message opens your confirmation.
notices-refused-follows = To try again, open the link in this message.
notices-contact = A question? Call { $phone } or write to { $email }.
notices-contact-email = A question? Write to { $email }.
notices-test = TEST: this payment is a trial, no money has moved.

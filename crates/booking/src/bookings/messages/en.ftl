# Mails
booking-mail-subject = Your booking { $number }
booking-mail-deposit =
    Hello { $name },

    Your booking { $number } at { $merchant } is firm.
    Arrival: { $arrival }
    Departure: { $departure }
    Total of the stay: { $total }
    Deposit paid: { $paid }
    Left to pay: { $rest }

    See you soon,
    { $merchant }
booking-mail-paid =
    Hello { $name },

    Your booking { $number } at { $merchant } is firm and paid in full.
    Arrival: { $arrival }
    Departure: { $departure }
    Total of the stay: { $total }

    See you soon,
    { $merchant }
booking-mail-gone-subject = { $merchant }: your payment is cancelled
booking-mail-gone = The place was no longer free. Your payment of { $amount } is cancelled; your bank will clear it within a few days.

booking-mail-test = TEST: this booking is a trial, no money has moved.
booking-mail-subject = Your booking { $number } is confirmed
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
booking-mail-free =
    Hello { $name },

    Your booking { $number } at { $merchant } is firm. There is nothing to pay.
    Arrival: { $arrival }
    Departure: { $departure }

    See you soon,
    { $merchant }
booking-starts = Arrival
booking-ends = Departure
booking-subject-title = Stay from { $arrival } to { $departure }
booking-subject-hours = { $date }, from { $time }
booking-subject-before = { $date }, before { $time }
booking-subject-lodging = Lodging
booking-subject-guests = Guests
booking-subject-total = Total of the stay
booking-subject-rest = Balance to pay later
booking-subject-next-rest = The balance of { $amount } will be charged later by { $merchant }, on the card left for this stay or on site.
booking-subject-next-arrival = We look forward to seeing you on { $arrival }.
booking-card-mail-subject = A card for your stay { $number }
booking-card-mail =
    Hello { $name },

    { $merchant } asks you for a card to guarantee your stay { $number } from { $arrival } to { $departure }.
    Follow this link to give it on a secure page. Nothing is charged now. The link is valid for { $days } days.
    Never give your card by e-mail, text message or telephone.

    See you soon,
    { $merchant }
booking-card-mail-test = TEST: this message is a trial.
booking-card-sms = { $merchant }: to guarantee your stay { $number } from { $arrival }, give your card with this link ({ $days } days). Nothing is charged now.
booking-card-guest-title = A card for your stay
booking-card-guest-number = Booking
booking-card-guest-why = { $merchant } asks you for a card to guarantee this stay.
booking-card-guest-promise = You give it on the vault's secure page. Nothing is charged now, the security code is not asked for, and the card is erased after you leave.
booking-card-guest-button = Give my card
booking-card-guest-given = Your card is registered
booking-card-guest-kept = Thank you. { $merchant } keeps the card •••• { $last4 } for this stay.
booking-card-guest-over = This link is no longer valid
booking-card-guest-over-cure = Write to or call { $merchant } to get another one.

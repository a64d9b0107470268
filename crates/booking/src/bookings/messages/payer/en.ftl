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

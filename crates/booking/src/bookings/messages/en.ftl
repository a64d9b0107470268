# Mails
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
# Bookings
booking-menu = Bookings
booking-list-title = Bookings
booking-search = Search for a booking
booking-search-hint = Number, name or e-mail address
booking-states = States
booking-state-pre-booked = Pre-booked
booking-state-to-validate = To validate
booking-state-confirmed = Firm
booking-state-done = Done
booking-state-no-show = No-show
booking-state-cancelled = Cancelled
booking-state-refused = Refused
booking-state-expired = Expired
booking-chip-confirmed = FIRM BOOKING
booking-none-found = No booking matches.
booking-empty = Bookings from your page and your programs will appear here.
booking-number = Number
booking-name = Name
booking-starts = Arrival
booking-ends = Departure
booking-state = State
booking-total = Total
booking-count = { $n ->
    [one] { $n } booking
   *[other] { $n } bookings
}
booking-title = Booking { $number }
booking-kicker = { $name }, from { $arrival } to { $departure }
booking-back-to-list = All bookings
booking-actions = Actions
booking-charge-balance = Charge the balance ({ $amount })
booking-cancel = Cancel the booking
booking-no-cancel-state = A booking in this state cannot be cancelled.
booking-no-cancel-past = The stay has begun: the right booking.past.override and a reason are needed.
booking-no-show = No-show
booking-no-show-not-state = A booking in this state cannot be marked as a no-show.
booking-no-show-not-yet = Possible from { $day } on.
booking-no-show-right = You lack the right booking.edit.
booking-no-show-title = No-show: { $number }
booking-no-show-consequence = The booking is marked as a no-show. Its nights stay taken.
booking-no-show-money = Nothing is charged or refunded: the balance is charged from the booking.
booking-no-show-button = Confirm the no-show
booking-no-balance-not-firm = The booking is not firm.
booking-no-balance-nothing-due = Nothing is left to charge.
booking-no-balance-no-card = The guest left no card for this stay.
booking-no-balance-in-progress = A payment of this stay is not decided yet.
booking-no-balance-right = You lack the right card.use.
booking-no-balance-ceiling = Your ceiling is { $most } per charge: ask a person who may do more.
booking-balance-refused = The bank declined the balance. Nothing was charged.
booking-balance-unknown = The bank has not answered about the balance yet. Do not charge a second time.
booking-stay = Stay
booking-price = Price
booking-cheapest = The cheapest cover would be { $amount }: it is not applied under the pricing rule chosen.
booking-payments = Payments
booking-no-payments = No payment.
booking-reference = Reference
booking-purpose = For
booking-purpose-deposit = Deposit
booking-purpose-balance = Balance
booking-purpose-plain = Payment
booking-when = Date
booking-amount = Amount
booking-refunded = Refunded
booking-journal = History
booking-journal-booking-confirmed = Booking firm
booking-journal-booking-cancelled = Booking cancelled
booking-journal-booking-no-show = Guest did not come
booking-journal-booking-done = Stay over
booking-journal-booking-refused = Booking refused
booking-journal-booking-expired = Pre-booking expired
booking-journal-booking-changed = State changed
booking-journal-payment-received = Payment received
booking-journal-payment-lost = Payment came to nothing
booking-who-payer = The guest
booking-who-clock = Automatic
booking-summary = Summary
booking-money = Amounts
booking-paid = Paid
booking-due = Left to charge
booking-card = Card
booking-card-expiry = Expires end of
booking-card-kept = Kept in the vault for this stay; the full number is not here.
booking-no-card = No card kept.
booking-contact = Contact
booking-email = E-mail address
booking-phone = Phone
booking-address = Address
booking-company = Company
booking-language = Language
booking-back = Back to the booking
booking-leave-it = Do nothing
booking-again = Type the amount to confirm
booking-again-wrong = The amount typed is not the one to be charged
booking-reason = Reason
booking-balance-title = Charge the balance of { $number }
booking-balance-consequence = { $amount } will be charged now on the card left for this stay, without the guest.
booking-balance-button = Charge { $amount }
booking-balance-changed = What is left to charge has changed: check and try again
booking-balance-line = Balance of stay { $number }
booking-cancel-title = Cancel booking { $number }
booking-cancel-consequence = The nights are on sale again at once. This cannot be undone.
booking-cancel-money = Nothing is refunded by itself: refund from the payments page if you owe it.
booking-cancel-button = Confirm the cancellation
# What payment pages say of a stay
booking-subject-title = Stay from { $arrival } to { $departure }
booking-subject-hours = { $date }, from { $time }
booking-subject-before = { $date }, before { $time }
booking-subject-lodging = Lodging
booking-subject-guests = Guests
booking-subject-total = Total of the stay
booking-subject-rest = Balance to pay later
booking-subject-next-rest = The balance of { $amount } will be charged later by { $merchant }, on the card left for this stay or on site.
booking-subject-next-arrival = We look forward to seeing you on { $arrival }.
# Journal and errors
audit-booking-cancel = Booking cancelled
audit-booking-no-show = Guest marked as a no-show
audit-lodging-policy = Pricing rule changed
audit-lodging-changed = Lodging description changed
audit-booking-contact = Contact and note changed
audit-stock-repaired = Counters of places repaired
oops-past-booking = The stay has begun: this needs the right booking.past.override and a reason.
oops-illegal-transition = The booking is no longer in a state that allows this.
booking-edit = Edit contact and note
booking-edit-title = Contact and note of { $number }
booking-edit-save = Save
booking-first-name = First name
booking-last-name = Last name
booking-note = Note
booking-note-hint = Read by staff only
booking-note-too-long = The note has at most 2,000 characters
booking-tabs = Parts of the booking
booking-tab-resume = Summary
booking-tab-paiements = Payments
booking-tab-carte = Card
booking-tab-journal = History
booking-journal-booking-contact = Contact or note changed
booking-view-arrivals = Arriving today
booking-view-departures = Leaving today
booking-view-to-validate = To validate
booking-view-firm = Firm
booking-view-all = All
booking-col-number = Number
booking-col-name = Name
booking-col-email = E-mail
booking-col-starts = Arrival
booking-col-ends = Departure
booking-col-state = State
booking-col-total = Total
booking-col-created = Created
booking-col-offset = UTC offset
booking-col-provenance = Provenance
booking-col-currency = Currency
booking-field-arrivee = Arriving on
booking-field-depart = Leaving on
booking-field-min = Least amount
booking-field-max = Most amount
booking-provenance-own-web = Your own page
booking-provenance-local = Entered on site

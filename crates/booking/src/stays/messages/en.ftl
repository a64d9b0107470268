# Search
stay-title = Book your stay
stay-lede = Choose your dates: prices and availability appear at once.
stay-places = Our lodgings
stay-closed = Nothing can be booked online here yet. Please contact us: our details are at the foot of this page.
stay-all = See all our lodgings
stay-search-label = Search for a stay
stay-search = Search
stay-arrival = Arrival
stay-departure = Departure
stay-choose = Choose
stay-busy = Working…
stay-results = { $n ->
    [0] From { $arrival } to { $departure }, { $guests }
    [one] { $n } place free from { $arrival } to { $departure }, { $guests }
   *[other] { $n } places free from { $arrival } to { $departure }, { $guests }
}
stay-nothing = Nothing is free on these dates for this number of people. Try other dates.
stay-nights = { $n ->
    [one] { $n } night
   *[other] { $n } nights
}
stay-capacity = { $n ->
    [one] { $n } person
   *[other] Up to { $n } people
}
stay-hours = Arrival from { $in }, departure before { $out }
stay-units-left = { $n ->
    [one] The last one
   *[other] Only { $n } left
}
stay-registration = Registration number { $number }
stay-price-note = { $n ->
    [one] for { $n } night
   *[other] for { $n } nights
}
stay-deposit-note = Deposit when booking: { $amount }
# Why this price?
stay-why = Why this price?
stay-why-exact = { $n ->
    [one] The price of the night you asked for.
   *[other] There is a price for exactly { $n } nights from this day on.
}
stay-why-nights = The sum of { $n } nightly prices, each of its own date.
stay-why-nights-note = When every night has a price, their sum applies: prices of several nights are not combined.
stay-why-nights-cheaper = When every night has a price, their sum applies: { $parts } nights = { $amount } was not evaluated, as prices of several nights are not combined.
stay-why-cover = The { $n } nights are covered by the prices there are, at the lowest total.
stay-why-cheapest = The { $n } nights are covered in the cheapest way.
stay-adjustment-long-stay = Long stay
stay-adjustment-non-refundable = Non-refundable
stay-adjustment-promotion = Promotion
stay-total = Total
# Unavailable
stay-reason-not-open = The night of { $date } is not open for sale.
stay-reason-sales-closed = The night of { $date } is no longer on sale.
stay-reason-sold-out = The night of { $date } is full.
stay-reason-held-by-other = The night of { $date } is held by another buyer.
stay-reason-held-until = This room is held until { $time }.
stay-reason-no-price = There is no price for these dates and this length.
stay-reason-capacity-exceeded = { $n ->
    [one] For { $n } person at most.
   *[other] For { $n } people at most.
}
stay-reason-bracket-not-priced = There is no price for one of the ages.
# Basket
stay-contact-title = Your details
stay-contact-lede = Once your details are saved, the place is held for you for an hour.
stay-basket-title = Your booking
stay-first-name = First name
stay-last-name = Last name
stay-email = E-mail address
stay-email-hint = The receipt will be sent there
stay-phone = Phone
stay-phone-hint = For example +44 20 7946 0958
stay-continue = Continue
stay-you = You
stay-edit-contact = Change my details
stay-your-stay = Your stay
stay-length = Length
stay-guests = Guests
stay-deposit = Deposit to pay now
stay-rest = Balance to pay later
stay-held-until = Held for you until { $time }
stay-minutes-left = {"{"}n{"}"} min left
stay-hold-over = The time is over. Your basket is kept: if the place is still free, you can pay.
stay-prolong = Extend
stay-prolong-hint = One more hour, once.
stay-prolonged-already = You have extended once already.
stay-others-wait = Somebody else is waiting for this place: it cannot be held any longer.
stay-prolong-limit = The four hours in all are used up.
stay-lifetime = A basket cannot hold a place for more than four hours. Start a new search.
stay-gone = Someone else has just booked this room. Nothing was charged.
stay-gone-held = This room is held by another buyer until { $time }. Nothing was charged.
stay-price-changed = The price has changed since your search: { $old } became { $new }. Nothing was charged. If you accept it, you can go on.
stay-below-minimum = Card payments start at { $minimum }.
stay-other-search = Make another search
stay-proceed = Proceed to payment
stay-deposit-short = Deposit
stay-pay-all = Settle the whole amount: { $amount }
stay-confirm = Confirm
stay-legal-free = By confirming you conclude your booking. Lodging on fixed dates gives no right of withdrawal.
stay-legal = By paying you conclude your booking. Lodging on fixed dates gives no right of withdrawal.
# Booked without a payment
stay-booked-title = Your booking is firm
stay-booked-text = Thank you { $name }, we look forward to seeing you.
stay-number = Booking number
stay-calendar = Add to my calendar
stay-print = Print
# Faults
stay-fault-arrival-missing = Enter the date of arrival
stay-fault-departure-missing = Enter the date of departure
stay-fault-invalid-dates = The departure must be after the arrival
stay-fault-past-date = The date of arrival is in the past
stay-fault-stay-too-long = A stay has at most 366 nights
stay-fault-guests = Enter a number from 0 to 20
stay-fault-nobody = Enter between 1 and 99 people
stay-fault-first-name-missing = Enter your first name
stay-fault-last-name-missing = Enter your last name
stay-fault-email-format = Enter an e-mail address, for example name@example.com
stay-fault-phone-format = Enter a phone number, for example +44 20 7946 0958
stay-fault-card-number = Do not enter a card number in this field
stay-fault-too-long = This text is too long
stay-fault-invalid-field = Write this on one line

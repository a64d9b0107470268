vcc-title = Virtual cards
vcc-tab-all = All
vcc-tab-today = To charge today
vcc-tab-soon = Soon (7 d)
vcc-tab-late = Late
vcc-tab-left = Balance left
vcc-tab-refund = To refund
vcc-tab-losing = Soon lost (≤ 30 d)
vcc-tab-charged = Charged
vcc-none = No virtual card here.
vcc-back = Back to virtual cards
vcc-back-cards = Back to cards
vcc-booking = Booking
vcc-guest = Guest
vcc-due = Still owed
vcc-window = Window
vcc-balance = Balance told
vcc-balance-unknown = balance unknown
vcc-left = Left on the card
vcc-refund-before = To refund before
vcc-history = What was told
vcc-source-channel = Channel
vcc-source-bin = Issuer table
vcc-source-advice = Bank
vcc-source-staff = Staff
vcc-col-booking = Booking
vcc-col-guest = Guest
vcc-col-channel = Channel
vcc-col-number = Card
vcc-col-from = From
vcc-col-until = Until
vcc-col-balance = Balance told
vcc-col-charged = Charged
vcc-col-left = Left
vcc-col-next = Next date
vcc-col-action = Action
vcc-col-currency = Currency
vcc-from = from { $date }
vcc-until = until { $date }
vcc-from-until = { $from } to { $until }
vcc-window-unknown = window unknown
vcc-in-days = { $n ->
    [0] today
    [one] in { $n } day
   *[other] in { $n } days
}
vcc-in-hours = in { $n } h
vcc-in-minutes = in { $n } min
vcc-not-active = Active on { $date }, { $in }: nothing can be charged before.
vcc-window-closed = Its window closed on { $date }.
vcc-over-balance = { $amount } possible on this card; the rest goes on the guest's own card.
vcc-currency = This card takes { $currency } only.
vcc-mcc = This card is not for the trade of this property.
vcc-attempts = Tried twice in 24 hours: try again after { $date }, { $in }.
vcc-single-use = This card is good for one charge, and was charged.
vcc-nothing-due = Nothing is left to charge.
vcc-above-ceiling = Above your ceiling of { $amount }.
vcc-changed = What is still due has changed, or a payment of this booking is under way: read again, then confirm.
vcc-no-moto = No point of sale charges without the guest: the contract must allow mail and telephone orders.
vcc-under-way = A payment with this card is under way.
vcc-charge = Charge
vcc-charge-amount = Charge { $amount }
vcc-charge-title = Charge virtual card { $number }
vcc-charge-what = The bank is asked at once; nobody sees the number.
vcc-amount = Amount
vcc-amount-fault = Write an amount, such as 150.00.
vcc-unknown-confirm = The channel did not tell the balance: check the amount before you confirm.
vcc-busy = In progress…
vcc-leave-it = Leave it
vcc-line = Stay { $booking }, virtual card
audit-card-virtual = Virtual card changed
vcc-lot-title = Charge virtual cards
vcc-lot-charge = Charge the ticked cards
vcc-lot-do = { $n ->
    [one] Charge { $n } card
   *[other] Charge { $n } cards
}
vcc-lot-what = The bank is asked at once; nobody sees the number.
vcc-lot-one-by-one = Charged on its own: its balance is unknown.
vcc-lot-why-unknown = This card is gone.
vcc-lot-why-vcc-not-active = Not active yet.
vcc-lot-why-vcc-window-closed = Its window closed.
vcc-lot-why-vcc-over-balance = Above its balance.
vcc-lot-why-vcc-currency = Another currency.
vcc-lot-why-vcc-mcc = Not for this trade.
vcc-lot-why-vcc-attempts = Tried twice in 24 hours already.
vcc-lot-why-vcc-single-use = Used already.
vcc-lot-why-no-moto = No point of sale charges without the guest.
vcc-lot-why-vault = The vault did not answer.
audit-card-virtual-lot = Virtual cards charged together
vcc-settings-title = Settings of virtual cards
vcc-settings-save = Save
vcc-settings-changed = Somebody else changed these settings: read again, then save.
vcc-auto = Charge by itself on the day it opens
vcc-auto-hint = At 00:05, property time: what is still owed, up to the balance. A refusal is tried once more, 24 hours later; after that a task tells you.
vcc-mcc-label = Trade code of the property
vcc-mcc-hint = Four digits (MCC), on your acceptance contract; 7011 for a hotel. Empty: not checked.
vcc-mcc-fault = Write four digits, such as 7011.
audit-card-virtual-settings = Settings of virtual cards
vcc-digest-subject = Virtual cards: week of { $day }
vcc-digest-line = - { $list }: { $count }
vcc-digest =
    Hello { $name },

    The virtual cards of { $merchant } this week:

    { $lines }

    Each card, with what can be charged, is on the page of virtual cards.

today-menu = Today
today-title = Today
today-arrivals = { $n ->
    [one] arrival
   *[other] arrivals
}
today-departures = { $n ->
    [one] departure
   *[other] departures
}
today-payments = { $n ->
    [one] payment to look at
   *[other] payments to look at
}
today-arrivals-title = Arrivals today
today-departures-title = Departures today
today-recent-title = Latest bookings
today-payments-title = Payments to look at
today-no-arrivals = Nobody arrives today.
today-no-departures = Nobody leaves today.
today-no-recent = Bookings from your page will appear here.
today-no-payments = Nothing to look at: all payments are in order.
today-lodging = Lodging
today-dates = Dates
today-due = { $amount } left
today-unpaid = { $n ->
    [one] to charge today
   *[other] to charge today
}
today-tasks-all = All tasks
today-bank = Connection to the bank
today-bank-fine = All answers have arrived
today-bank-owes = { $n ->
    [one] { $n } answer owed
   *[other] { $n } answers owed
}

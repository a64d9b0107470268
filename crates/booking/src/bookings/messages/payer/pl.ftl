booking-mail-test = TEST: ta rezerwacja jest próbą, nie przekazano żadnych pieniędzy.
booking-mail-subject = Rezerwacja { $number } jest potwierdzona
booking-mail-deposit =
    Dzień dobry, { $name },

    Państwa rezerwacja { $number } w { $merchant } jest wiążąca.
    Przyjazd: { $arrival }
    Wyjazd: { $departure }
    Cena pobytu: { $total }
    Zapłacona zaliczka: { $paid }
    Pozostało do zapłaty: { $rest }

    Do zobaczenia,
    { $merchant }
booking-mail-paid =
    Dzień dobry, { $name },

    Państwa rezerwacja { $number } w { $merchant } jest wiążąca i w całości opłacona.
    Przyjazd: { $arrival }
    Wyjazd: { $departure }
    Cena pobytu: { $total }

    Do zobaczenia,
    { $merchant }
booking-mail-free =
    Dzień dobry, { $name },

    Państwa rezerwacja { $number } w { $merchant } jest wiążąca. Nic nie trzeba płacić.
    Przyjazd: { $arrival }
    Wyjazd: { $departure }

    Do zobaczenia,
    { $merchant }
booking-starts = Przyjazd
booking-ends = Wyjazd
booking-subject-title = Pobyt od { $arrival } do { $departure }
booking-subject-hours = { $date }, od godz. { $time }
booking-subject-before = { $date }, do godz. { $time }
booking-subject-lodging = Nocleg
booking-subject-guests = Goście
booking-subject-total = Cena pobytu
booking-subject-rest = Reszta do zapłaty później
booking-subject-next-rest = Pozostałą kwotę { $amount } pobierze później { $merchant }, z karty podanej na ten pobyt lub na miejscu.
booking-subject-next-arrival = Czekamy na Państwa: { $arrival }.

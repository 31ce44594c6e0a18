"""Names in files: writing, reading, refusing, scopes, catalogues."""

from minikeras.utils.catalogue import Catalogue


def test_given_names_beat_derived_ones():
    class ThisThing:
        pass

    def this_thing():
        return 1

    for order in ([ThisThing, this_thing], [this_thing, ThisThing]):
        catalogue = Catalogue("initializers")
        for thing in order:
            catalogue.add(thing)
        assert catalogue.find("this_thing") is this_thing
        assert catalogue.find("ThisThing") is ThisThing

"""Scratch."""
import time
async def test_x(busy):
    for p in ("guardian1","stafettholder"):
        t=time.time()
        print(p, await busy.told(p, "{ plans(orderBy: LEVEL_DESC) { totalCount edges { node { shortName status level consentExpiresInDays lastArchivedAt changedAt owner { name } goals { title } } } } }"))
        print(time.time()-t)
    r = await busy.told("stafettholder", '{ a: persons(search: {name: "berg"}) { name mobile } b: persons(search: {name: "li"}) { name } }')
    print(r)
async def test_y(own_town): pass
async def test_z(own_town): pass

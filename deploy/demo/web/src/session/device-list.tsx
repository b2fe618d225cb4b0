import type { ReactNode } from 'react'
import { useMe } from '../panel/use-me.ts'
import { Card } from '../parts/card.tsx'
import { QueryState } from '../parts/query-state.tsx'
import { toDate } from '../parts/time.ts'
import { nameDevice } from './devices.ts'
import { useDevices, useRevoke, useSignOut, type Device } from './use-devices.ts'

/** Where this person is signed in. Revoking one ends its pages within a second, streams and all. */
export function DeviceList(): ReactNode {
  const query = useDevices()
  // The session of this page is the one that the token names to FastAPI.
  const here = useMe().data?.claims.sid
  return (
    <Card title="Sessions" className="devices" aside={<SignOutEverywhere />}>
      <QueryState query={query} what="your sessions" />
      <ul className="device-list">
        {newestFirst(query.data ?? []).map((device) => (
          <DeviceItem key={device.id} device={device} isHere={device.id === here} />
        ))}
      </ul>
    </Card>
  )
}

function SignOutEverywhere(): ReactNode {
  const signOut = useSignOut()
  return (
    <button
      type="button"
      className="button quiet small"
      disabled={signOut.isPending}
      onClick={() => {
        signOut.mutate('everywhere')
      }}
    >
      Sign out everywhere
    </button>
  )
}

function newestFirst(devices: readonly Device[]): readonly Device[] {
  return devices.toSorted((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt))
}

interface DeviceItemProps {
  readonly device: Device
  readonly isHere: boolean
}

function DeviceItem({ device, isHere }: DeviceItemProps): ReactNode {
  const revoke = useRevoke()
  const name = nameDevice(device.userAgent)
  const since = toDate(Date.parse(device.createdAt))
  return (
    <li>
      <p>
        <b>{name}</b>
        {isHere && <span className="tag">this one</span>}
        <small>
          since {since}
          {device.ipAddress !== null && device.ipAddress !== '' && ` · ${device.ipAddress}`}
        </small>
      </p>
      <button
        type="button"
        className="button quiet small"
        aria-label={`Revoke ${name} since ${since}`}
        disabled={revoke.isPending}
        onClick={() => {
          revoke.mutate(device)
        }}
      >
        Revoke
      </button>
    </li>
  )
}

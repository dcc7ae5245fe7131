import { createFileRoute } from '@tanstack/react-router';
import { Shell } from '@/app/Shell';

export const Route = createFileRoute('/_shell')({ component: Shell });
